package dev.perdure.cli;

import picocli.CommandLine.TypeConversionException;

import java.math.BigInteger;
import java.util.regex.Pattern;

/// Reads the numbers of options. What else picocli says of them names types of Java.
final class WholeNumber {
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");

    private WholeNumber() {}

    static int parseInt(String text) {
        return (int) parse(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    static long parseLong(String text) {
        return parse(text, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private static long parse(String text, long least, long most) {
        if (!WHOLE.matcher(text).matches()) {
            throw new TypeConversionException("\"" + text + "\" is not a whole number");
        }
        BigInteger number = new BigInteger(text);
        if (number.compareTo(BigInteger.valueOf(least)) < 0 || number.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new TypeConversionException("\"" + text + "\" is out of range");
        }
        return number.longValue();
    }
}
