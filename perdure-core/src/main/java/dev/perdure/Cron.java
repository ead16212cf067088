package dev.perdure;

import dev.perdure.error.InvalidInputException;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Optional;

/// A cron expression of five fields (minute, hour, day of month, month, day of week) in a time zone. Immutable.
///
/// As in Vixie's cron (P. Vixie, 1987; crontab(5)): if both days are restricted either of them suffices, and at changes
/// of the clocks an expression with fixed hours and minutes is told from one that repeats. One with fixed hours fires
/// once a day: a local time that is skipped fires at the moment of the change, one that comes twice fires the first
/// time. One whose minute or hour begins with `*` follows the clock on the wall: what is skipped does not fire, what
/// comes twice fires twice.
final class Cron {
    /// A leap day may be eight years away: 2096 has one, 2100 has none.
    private static final int HORIZON_YEARS = 9;

    private final String text;
    private final ZoneId zone;
    private final CronField minute;
    private final CronField hour;
    private final CronField day;
    private final CronField month;
    private final CronField weekday;

    private Cron(String text, ZoneId zone, List<String> fields) {
        this.text = text;
        this.zone = zone;
        this.minute = CronField.parse(CronField.MINUTE, fields.get(0));
        this.hour = CronField.parse(CronField.HOUR, fields.get(1));
        this.day = CronField.parse(CronField.DAY, fields.get(2));
        this.month = CronField.parse(CronField.MONTH, fields.get(3));
        this.weekday = CronField.parse(CronField.WEEKDAY, fields.get(4));
    }

    /// @throws InvalidInputException if it is no expression of five fields, or never fires
    static Cron parse(String text, ZoneId zone) {
        List<String> fields = List.of(text.strip().split("\\s+", -1));
        if (fields.size() != 5) {
            throw new InvalidInputException(
                    "\""
                            + text
                            + "\" is not a cron expression: it has "
                            + (text.isBlank() ? 0 : fields.size())
                            + " fields instead of minute, hour, day of month, month and day of week. Write for example"
                            + " \"0 7 * * mon-fri\".");
        }
        Cron cron = new Cron(text, zone, fields);
        if (cron.match(LocalDateTime.of(2000, 1, 1, 0, 0)).isEmpty()) {
            throw new InvalidInputException(
                    "the cron expression \""
                            + text
                            + "\" never fires: no year has such a day. Correct the day of month or the month.");
        }
        return cron;
    }

    /// The first time after `after` at which it fires; empty beyond the range of times.
    Optional<Instant> next(Instant after) {
        ZoneRules rules = zone.getRules();
        Instant from = after;
        ZoneOffset offset = rules.getOffset(after);
        LocalDateTime local = LocalDateTime.ofInstant(after, offset).truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
        while (true) { // from one change of the clocks to the next
            Optional<LocalDateTime> found = match(local, rules, offset);
            ZoneOffsetTransition change = rules.nextTransition(from);
            if (change == null) {
                ZoneOffset last = offset;
                return found.map(at -> at.toInstant(last));
            }
            if (found.isPresent() && found.get().toInstant(offset).isBefore(change.getInstant())) {
                return Optional.of(found.get().toInstant(offset));
            }
            if (change.isGap() && isFixed() && firesIn(change.getDateTimeBefore(), change.getDateTimeAfter())) {
                return Optional.of(change.getInstant());
            }
            from = change.getInstant();
            offset = change.getOffsetAfter();
            local = change.getDateTimeAfter();
        }
    }

    private boolean isFixed() {
        return !minute.wild() && !hour.wild();
    }

    private boolean firesIn(LocalDateTime from, LocalDateTime before) {
        return match(from).filter(at -> at.isBefore(before)).isPresent();
    }

    /// The first local time from `from` on, without those that come for the second time under this offset and count
    /// once.
    private Optional<LocalDateTime> match(LocalDateTime from, ZoneRules rules, ZoneOffset offset) {
        Optional<LocalDateTime> found = match(from);
        while (isFixed() && found.isPresent() && isSecond(found.get(), rules, offset)) {
            found = match(found.get().plusMinutes(1));
        }
        return found;
    }

    private static boolean isSecond(LocalDateTime local, ZoneRules rules, ZoneOffset offset) {
        List<ZoneOffset> valid = rules.getValidOffsets(local);
        return valid.size() == 2 && valid.get(1).equals(offset);
    }

    /// The first local time from `from` on that fits, if there is one within the horizon.
    private Optional<LocalDateTime> match(LocalDateTime from) {
        LocalDateTime start = from.truncatedTo(ChronoUnit.MINUTES);
        start = start.isBefore(from) ? start.plusMinutes(1) : start;
        LocalDate date = start.toLocalDate();
        LocalDate end = date.plusYears(HORIZON_YEARS);
        while (date.isBefore(end)) {
            if (!month.has(date.getMonthValue())) {
                date = date.withDayOfMonth(1).plusMonths(1);
                continue;
            }
            if (isDay(date)) {
                Optional<LocalDateTime> at = time(date, date.equals(start.toLocalDate()) ? start : date.atStartOfDay());
                if (at.isPresent()) {
                    return at;
                }
            }
            date = date.plusDays(1);
        }
        return Optional.empty();
    }

    private boolean isDay(LocalDate date) {
        boolean byMonth = day.has(date.getDayOfMonth());
        boolean byWeek = weekday.has(date.getDayOfWeek().getValue() % 7);
        return (day.wild() || weekday.wild()) ? byMonth && byWeek : byMonth || byWeek;
    }

    private Optional<LocalDateTime> time(LocalDate date, LocalDateTime from) {
        for (int h = hour.from(from.getHour()); h >= 0; h = hour.from(h + 1)) {
            int m = minute.from(h == from.getHour() ? from.getMinute() : 0);
            if (m >= 0) {
                return Optional.of(date.atTime(h, m));
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return text + " " + zone;
    }
}
