package dev.perdure.postgres;

import dev.perdure.error.InvalidInputException;

import org.postgresql.Driver;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;

/// Where a store is and how to reach it, from a URL and the environment. [#toString] shows no secrets.
///
/// @param driverUrl the URL without what concerns only Perdure
/// @param properties what the driver is told besides
/// @param shown server and database, as messages name them
/// @param schema the schema of the store
/// @param connections how many connections this process holds at most, besides those of transactions
/// @param transactions how many transactions of steps are open in this process at most, each on its own connection
record StoreUrl(
        String driverUrl, Properties properties, String shown, String schema, int connections, int transactions) {
    static final String PREFIX = "jdbc:postgresql:";

    private static final String SCHEMA = "perdureSchema";
    private static final String CONNECTIONS = "perdureConnections";
    private static final String TRANSACTIONS = "perdureTransactions";
    private static final int DEFAULT_CONNECTIONS = 10;
    private static final int DEFAULT_TRANSACTIONS = 4;
    private static final int MAX_CONNECTIONS = 1_000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

    /// What the driver is told unless the URL says otherwise.
    ///
    /// `prepareThreshold=0`: see [PlainSource]. `socketTimeout`: a commit whose answer never comes must not hold up all
    /// others for ever.
    private static final Map<String, String> DEFAULTS =
            Map.of(
                    "ApplicationName", "perdure",
                    "prepareThreshold", "0",
                    "connectTimeout", "10",
                    "socketTimeout", "60",
                    "tcpKeepAlive", "true");

    /// Reads a URL.
    ///
    /// @throws InvalidInputException if something is wrong with it
    static StoreUrl parse(String url, Map<String, String> environment) {
        int question = url.indexOf('?');
        String place = question < 0 ? url : url.substring(0, question);
        if (place.contains("@")) {
            throw new InvalidInputException(
                    "the URL of the store has user or password before the host. Write them after it,"
                            + " jdbc:postgresql://HOST/DATABASE?user=USER, and give the password by PGPASSWORD or"
                            + " PGPASSFILE.");
        }
        String schema = "perdure";
        int connections = DEFAULT_CONNECTIONS;
        int transactions = DEFAULT_TRANSACTIONS;
        List<String> others = new ArrayList<>();
        for (String parameter :
                question < 0 ? List.<String>of() : List.of(url.substring(question + 1).split("&", -1))) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = equals < 0 ? "" : URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8);
            if (name.equals(SCHEMA)) {
                schema = schema(value);
            } else if (name.equals(CONNECTIONS)) {
                connections = number(CONNECTIONS, 2, value);
            } else if (name.equals(TRANSACTIONS)) {
                transactions = number(TRANSACTIONS, 1, value);
            } else if (name.toLowerCase(Locale.ROOT).startsWith("perdure")) {
                throw new InvalidInputException(
                        "the URL of the store has a parameter "
                                + name
                                + ", which Perdure does not know. It knows "
                                + SCHEMA
                                + ", "
                                + CONNECTIONS
                                + " and "
                                + TRANSACTIONS
                                + ".");
            } else if (!parameter.isEmpty()) {
                others.add(parameter);
            }
        }
        String driverUrl = others.isEmpty() ? place : place + "?" + String.join("&", others);
        Properties known = Driver.parseURL(driverUrl, new Properties());
        if (known == null) {
            throw new InvalidInputException(
                    "the URL of the store is not one that PostgreSQL's driver understands. Write"
                            + " jdbc:postgresql://HOST:PORT/DATABASE?user=USER.");
        }
        return new StoreUrl(driverUrl, properties(known, environment), shown(known), schema, connections, transactions);
    }

    private static String schema(String value) {
        if (!NAME.matcher(value).matches()) {
            throw new InvalidInputException(
                    SCHEMA
                            + " is to be a name of up to 63 letters, digits and underscores that does not begin with a"
                            + " digit, such as perdure or team_a.");
        }
        return value;
    }

    private static int number(String name, int least, String value) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= MAX_CONNECTIONS) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new InvalidInputException(name + " is to be a number from " + least + " to " + MAX_CONNECTIONS + ".");
    }

    private static Properties properties(Properties known, Map<String, String> environment) {
        Properties properties = new Properties();
        DEFAULTS.forEach((name, value) -> {
            if (known.getProperty(name) == null) {
                properties.setProperty(name, value);
            }
        });
        fromEnvironment("user", "PGUSER", known, environment, properties);
        fromEnvironment("password", "PGPASSWORD", known, environment, properties);
        if (hosts(known).contains(",") && known.getProperty("targetServerType") == null) {
            properties.setProperty("targetServerType", "primary");
        }
        // The server's details quote values, which may be payloads or what users wrote.
        properties.setProperty("logServerErrorDetail", "false");
        return properties;
    }

    private static void fromEnvironment(
            String name, String variable, Properties known, Map<String, String> environment, Properties properties) {
        String value = environment.get(variable);
        if (known.getProperty(name) == null && value != null && !value.isEmpty()) {
            properties.setProperty(name, value);
        }
    }

    private static String hosts(Properties known) {
        String hosts = known.getProperty("PGHOST", "");
        return hosts.isEmpty() ? "localhost" : hosts;
    }

    private static String shown(Properties known) {
        String[] hosts = hosts(known).split(",", -1);
        String[] ports = known.getProperty("PGPORT", "5432").split(",", -1);
        StringBuilder shown = new StringBuilder("postgresql://");
        for (int i = 0; i < hosts.length; i++) {
            shown.append(i == 0 ? "" : ",").append(hosts[i]).append(':').append(ports[Math.min(i, ports.length - 1)]);
        }
        return shown.append('/').append(known.getProperty("PGDBNAME", "")).toString();
    }

    /// The user the driver logs in as.
    String user() {
        Properties known = Driver.parseURL(driverUrl, new Properties());
        String named = known == null ? null : known.getProperty("user");
        return named != null ? named : properties.getProperty("user", System.getProperty("user.name", ""));
    }

    /// What the server is told of who is connected.
    String applicationName() {
        Properties known = Driver.parseURL(driverUrl, new Properties());
        String named = known == null ? null : known.getProperty("ApplicationName");
        return named != null ? named : properties.getProperty("ApplicationName", "");
    }

    /// Whether the URL says when statements are prepared under a name.
    boolean saysWhenToPrepare() {
        return properties.getProperty("prepareThreshold") == null;
    }

    /// As [#properties], for a connection whose statements may take long.
    Properties patient() {
        Properties patient = new Properties();
        patient.putAll(properties);
        if (patient.containsKey("socketTimeout")) {
            patient.setProperty("socketTimeout", "0");
        }
        return patient;
    }

    @Override
    public String toString() {
        return shown + " (schema " + schema + ")";
    }
}
