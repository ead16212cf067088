package dev.perdure.store;

import dev.perdure.error.InvalidInputException;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Looks at the text of statements for what would end the transaction they are in, or outlive it in the session.
///
/// Quotes, dollar quotes and comments are skipped. A statement that creates something is not looked into: the bodies of
/// functions and triggers have BEGIN and END of their own, which mean something else.
final class TransactionText {
    private static final Set<String> ENDS = Set.of("BEGIN", "COMMIT", "END", "ABORT");
    private static final Set<String> STAYS = Set.of("LISTEN", "UNLISTEN", "DISCARD", "PREPARE");
    private static final Set<String> ROWS =
            Set.of(
                    "SELECT",
                    "WITH",
                    "VALUES",
                    "INSERT",
                    "REPLACE",
                    "UPDATE",
                    "DELETE",
                    "SAVEPOINT",
                    "RELEASE",
                    "ROLLBACK");
    private static final int WORDS = 3;

    private final String sql;
    private int at;

    private TransactionText(String sql) {
        this.sql = sql;
    }

    /// @return whether it does nothing but read and write rows
    /// @throws InvalidInputException if it ends the transaction, or outlives it
    static boolean check(String sql) {
        TransactionText text = new TransactionText(sql);
        boolean rowsOnly = true;
        while (text.at < sql.length()) {
            List<String> words = text.statement();
            String first = words.isEmpty() ? "" : words.getFirst();
            if (first.equals("CREATE")) {
                return false;
            }
            check(first, words);
            rowsOnly &= first.isEmpty() || ROWS.contains(first);
        }
        return rowsOnly;
    }

    private static void check(String first, List<String> words) {
        boolean ends =
                ENDS.contains(first)
                        || (first.equals("ROLLBACK") && !words.contains("TO"))
                        || (words.size() > 1 && words.get(1).equals("TRANSACTION") && isBegun(first));
        if (ends) {
            throw new InvalidInputException(
                    "the body of a transaction ran "
                            + first
                            + ". Perdure begins the transaction and commits it together with the step's entry: return"
                            + " to commit, throw to roll back; within it, use savepoints.");
        }
        boolean local = words.size() > 1 && Set.of("LOCAL", "CONSTRAINTS").contains(words.get(1));
        if (STAYS.contains(first) || (first.equals("SET") && !local)) {
            throw new InvalidInputException(
                    "the body of a transaction ran "
                            + first
                            + ", which would stay in a session that others use afterwards. Use SET LOCAL, or"
                            + " set_config(..., true), and JDBC's prepared statements.");
        }
    }

    private static boolean isBegun(String first) {
        return first.equals("START") || first.equals("PREPARE");
    }

    /// The first words of the next statement, in capitals; goes on behind its semicolon.
    private List<String> statement() {
        List<String> words = new ArrayList<>();
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == ';') {
                at++;
                return words;
            }
            if (Character.isJavaIdentifierStart(c) && c != '$') {
                String word = word();
                if (words.size() < WORDS) {
                    words.add(word.toUpperCase(Locale.ROOT));
                }
            } else {
                skip(c);
            }
        }
        return words;
    }

    private String word() {
        int start = at;
        while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
            at++;
        }
        return sql.substring(start, at);
    }

    private void skip(char c) {
        if (c == '\'' || c == '"' || c == '`') {
            to(String.valueOf(c), at + 1);
        } else if (sql.startsWith("--", at)) {
            to("\n", at);
        } else if (sql.startsWith("/*", at)) {
            to("*/", at + 2);
        } else if (c == '$') {
            int end = sql.indexOf('$', at + 1);
            String tag = end < 0 ? "" : sql.substring(at, end + 1);
            boolean quotes = end > 0 && tag.chars().skip(1).limit(tag.length() - 2L).allMatch(this::isOfTag);
            if (quotes) {
                to(tag, end + 1);
            } else {
                at++;
            }
        } else {
            at++;
        }
    }

    private boolean isOfTag(int c) {
        return Character.isJavaIdentifierPart(c) && c != '$';
    }

    private void to(String end, int from) {
        int found = sql.indexOf(end, from);
        at = found < 0 ? sql.length() : found + end.length();
    }
}
