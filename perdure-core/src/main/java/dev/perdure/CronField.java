package dev.perdure;

import dev.perdure.error.InvalidInputException;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One field of a cron expression: which numbers it names. Immutable.
///
/// @param values the numbers
/// @param wild whether it begins with `*`, which cron gives a meaning beyond the numbers
record CronField(BitSet values, boolean wild) {
    private static final Pattern PART = Pattern.compile("(?:(\\*)|(\\w+)(?:-(\\w+))?)(?:/(\\d{1,4}))?");

    /// What a field may hold.
    ///
    /// @param size how many of the numbers are different: Sunday is 0 and 7
    /// @param names words for the numbers from `first` on; none if there are none
    record Kind(String name, int first, int last, int size, List<String> names) {}

    static final Kind MINUTE = new Kind("minute", 0, 59, 60, List.of());
    static final Kind HOUR = new Kind("hour", 0, 23, 24, List.of());
    static final Kind DAY = new Kind("day of month", 1, 31, 31, List.of());
    static final Kind MONTH =
            new Kind(
                    "month",
                    1,
                    12,
                    12,
                    List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"));

    static final Kind WEEKDAY =
            new Kind("day of week", 0, 7, 7, List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat"));

    /// @throws InvalidInputException if the text is none
    static CronField parse(Kind kind, String text) {
        BitSet values = new BitSet();
        for (String part : text.split(",", -1)) {
            Matcher matcher = PART.matcher(part);
            if (!matcher.matches()) {
                throw wrong(kind, text, "\"" + part + "\" is neither *, a number, a name nor a range");
            }
            add(kind, text, matcher, values);
        }
        if (values.get(kind.first() + kind.size())) { // Sunday, once more
            values.clear(kind.first() + kind.size());
            values.set(kind.first());
        }
        return new CronField(values, text.startsWith("*"));
    }

    private static void add(Kind kind, String text, Matcher part, BitSet values) {
        int step = part.group(4) == null ? 1 : Integer.parseInt(part.group(4));
        if (step < 1) {
            throw wrong(kind, text, "a step is at least 1");
        }
        int first = part.group(1) != null ? kind.first() : number(kind, text, part.group(2));
        int last;
        if (part.group(1) != null) {
            last = kind.first() + kind.size() - 1;
        } else if (part.group(3) != null) {
            last = number(kind, text, part.group(3));
        } else {
            last = part.group(4) == null ? first : Math.max(first, kind.first() + kind.size() - 1); // 5/15: from 5
        }
        int end = last < first ? last + kind.size() : last; // fri-mon, 22-2
        for (int value = first; value <= end; value += step) {
            values.set(value > kind.last() ? value - kind.size() : value);
        }
    }

    private static int number(Kind kind, String text, String word) {
        int named = kind.names().indexOf(word.toLowerCase(Locale.ROOT));
        if (named >= 0) {
            return kind.first() + named;
        }
        int number = word.matches("\\d{1,4}") ? Integer.parseInt(word) : -1;
        if (number < kind.first() || number > kind.last()) {
            throw wrong(kind, text, "\"" + word + "\" is none");
        }
        return number;
    }

    private static InvalidInputException wrong(Kind kind, String text, String why) {
        return new InvalidInputException(
                "\""
                        + text
                        + "\" is not a "
                        + kind.name()
                        + " of a cron expression: "
                        + why
                        + ". It takes "
                        + kind.first()
                        + " to "
                        + kind.last()
                        + (kind.names().isEmpty()
                                ? ""
                                : ", " + kind.names().getFirst() + " to " + kind.names().getLast())
                        + ", *, ranges such as "
                        + kind.first()
                        + "-"
                        + (kind.first() + 4)
                        + ", steps such as */2, and lists of such with commas.");
    }

    boolean has(int value) {
        return values.get(value);
    }

    /// The first number from `value` on, or -1.
    int from(int value) {
        return values.nextSetBit(value);
    }
}
