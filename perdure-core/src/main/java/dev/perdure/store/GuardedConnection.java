package dev.perdure.store;

import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// A connection of which a step's body can do everything but end its transaction or change its session.
///
/// It stands in front of the real one, with all statements and rows that come from it, and tells what fails on it,
/// since libraries wrap exceptions in their own and some bodies swallow them. Savepoints are statements, so that the
/// driver does not learn of them. Whoever has it still when the transaction is over finds it closed.
///
/// Used by one thread at a time, but for [#end] and [#interrupt].
public final class GuardedConnection {
    private static final Set<String> REFUSED =
            Set.of(
                    "commit",
                    "rollback",
                    "setAutoCommit",
                    "close",
                    "abort",
                    "setTransactionIsolation",
                    "setReadOnly",
                    "setCatalog",
                    "setSchema",
                    "setHoldability",
                    "setClientInfo",
                    "setNetworkTimeout",
                    "setShardingKey",
                    "setShardingKeyIfValid",
                    "beginRequest",
                    "endRequest");

    /// What a closed connection answers, by its SQLSTATE.
    private static final String CLOSED = "08003";

    private final Connection real;
    private final Consumer<SQLException> noticed;
    private final Connection shown;
    private final Set<Statement> executing = ConcurrentHashMap.newKeySet();
    private final Set<AutoCloseable> opened = ConcurrentHashMap.newKeySet();
    private final AtomicInteger savepoints = new AtomicInteger();
    private volatile @Nullable String over;
    private volatile boolean movedRowsOnly = true;

    private record Named(int number, String name) implements Savepoint {
        @Override
        public int getSavepointId() {
            return number;
        }

        @Override
        public String getSavepointName() {
            return name;
        }

        String sql() {
            return "perdure_" + number;
        }
    }

    private interface Answer {
        @Nullable Object to(Object proxy, Method method, Object[] arguments) throws Throwable;
    }

    /// @param noticed told of each exception that the database answers
    public GuardedConnection(Connection real, Consumer<SQLException> noticed) {
        this.real = real;
        this.noticed = noticed;
        this.shown = proxy(Connection.class, this::onConnection);
    }

    /// What the body gets.
    public Connection shown() {
        return shown;
    }

    /// From now on everything is refused, and this is why. Thread-safe.
    public void end(String why) {
        if (over == null) {
            over = why;
        }
    }

    /// Interrupts the statements that execute. Thread-safe.
    ///
    /// @return whether there were any
    public boolean interrupt() {
        boolean any = false;
        for (Statement statement : executing) {
            any = true;
            try {
                statement.cancel();
            } catch (SQLException e) {
                // it is over, or the connection is
            }
        }
        return any;
    }

    /// Whether the body did nothing but read and write rows, so that its session is as it was. Statements apart that
    /// are still open.
    public boolean movedRowsOnly() {
        return movedRowsOnly;
    }

    /// Closes what the body left open.
    public void closeStatements() {
        for (AutoCloseable one : opened) {
            try {
                one.close();
            } catch (Exception e) {
                // the connection is gone, and its statements with it
            }
        }
    }

    private @Nullable Object onConnection(Object proxy, Method method, Object[] arguments) throws Throwable {
        String name = method.getName();
        if (name.equals("rollback") && arguments.length == 1) {
            return savepoint("ROLLBACK TO SAVEPOINT ", arguments[0]);
        }
        if (REFUSED.contains(name)) {
            throw new InvalidInputException(
                    "the body of a transaction called Connection."
                            + name
                            + ". The connection is Perdure's: it commits when the body returns, together with the"
                            + " step's entry, and rolls back when the body throws; within it, use savepoints.");
        }
        return switch (name) {
            case "getAutoCommit" -> false;
            case "isClosed" -> over != null;
            case "setSavepoint" -> setSavepoint(arguments.length == 0 ? "" : (String) arguments[0]);
            case "releaseSavepoint" -> savepoint("RELEASE SAVEPOINT ", arguments[0]);
            case "getMetaData" ->
                    proxy(DatabaseMetaData.class, (p, m, a) -> onPart(real.getMetaData(), shown, p, m, a));
            default -> {
                checkText(arguments);
                yield shownAs(call(real, proxy, method, arguments), shown);
            }
        };
    }

    private void checkText(Object[] arguments) {
        if (arguments.length > 0 && arguments[0] instanceof String text) {
            movedRowsOnly &= TransactionText.check(text);
        }
    }

    private Savepoint setSavepoint(String name) throws SQLException {
        Named named = new Named(savepoints.incrementAndGet(), name);
        execute("SAVEPOINT " + named.sql());
        return named;
    }

    private @Nullable Object savepoint(String act, Object savepoint) throws SQLException {
        if (!(savepoint instanceof Named named)) {
            throw new InvalidInputException("a savepoint of another connection was given. Set it on this one.");
        }
        execute(act + named.sql());
        return null;
    }

    private void execute(String sql) throws SQLException {
        checkOpen();
        try (Statement statement = real.createStatement()) {
            statement.executeUpdate(sql);
        } catch (SQLException e) {
            noticed.accept(e);
            throw e;
        }
    }

    /// A statement, rows or what describes them: `owner` is where they say they come from.
    private @Nullable Object onPart(Object part, Object owner, Object proxy, Method method, Object[] arguments)
            throws Throwable {
        if (Set.of("getConnection", "getStatement").contains(method.getName())) {
            return owner;
        }
        boolean executes = part instanceof Statement && method.getName().startsWith("execute");
        if (part instanceof Statement && (executes || method.getName().equals("addBatch"))) {
            checkText(arguments);
        }
        if (!executes) {
            Object result = call(part, proxy, method, arguments);
            if (part instanceof DatabaseMetaData && result instanceof ResultSet rows) {
                opened.add(rows); // of a statement of the driver's own
            }
            return shownAs(result, proxy);
        }
        executing.add((Statement) part);
        try {
            return shownAs(call(part, proxy, method, arguments), proxy);
        } finally {
            executing.remove((Statement) part);
        }
    }

    @SuppressWarnings("ReferenceEquality") // a connection equals itself only
    private @Nullable Object call(Object target, Object proxy, Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "toString" -> {
                return "a transaction of Perdure's";
            }
            case "hashCode" -> {
                return System.identityHashCode(proxy);
            }
            case "equals" -> {
                return proxy == arguments[0];
            }
            case "isWrapperFor" -> {
                return ((Class<?>) arguments[0]).isInstance(proxy);
            }
            case "unwrap" -> {
                Class<?> wanted = (Class<?>) arguments[0];
                if (!wanted.isInstance(proxy)) {
                    throw new InvalidInputException(
                            "the body of a transaction asked for the driver's own "
                                    + wanted.getSimpleName()
                                    + ". It could end the transaction, so it is not handed out: use java.sql.");
                }
                return proxy;
            }
            default -> {}
        }
        if (!method.getName().equals("close")) {
            checkOpen();
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof SQLException failure) {
                noticed.accept(failure);
            }
            throw cause;
        }
    }

    private void checkOpen() throws SQLException {
        String why = over;
        if (why != null) {
            throw new SQLException(why, CLOSED);
        }
    }

    private @Nullable Object shownAs(@Nullable Object result, Object owner) {
        if (result instanceof Statement statement) {
            opened.add(statement);
        }
        return switch (result) {
            case CallableStatement call -> part(CallableStatement.class, call);
            case PreparedStatement prepared -> part(PreparedStatement.class, prepared);
            case Statement plain -> part(Statement.class, plain);
            case ResultSet rows -> proxy(ResultSet.class, (p, m, a) -> onPart(rows, owner, p, m, a));
            case null, default -> result;
        };
    }

    private Statement part(Class<? extends Statement> type, Statement statement) {
        return proxy(type, (p, m, a) -> onPart(statement, shown, p, m, a));
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(
                Proxy.newProxyInstance(
                        GuardedConnection.class.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) ->
                                answer.to(proxy, method, arguments == null ? new Object[0] : arguments)));
    }
}
