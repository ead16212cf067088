package dev.perdure.postgres;

import org.postgresql.PGConnection;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.logging.Logger;

import javax.sql.DataSource;

/// Makes the pool's connections. The pool is not told URL or password, so that it cannot log them.
///
/// A statement prepared under a name saves the server a tenth of a millisecond each time. But behind a pooler in
/// transaction mode the name may be that of another client's statement, so names are used only where the session is the
/// server's own: where the process id that the server told when the connection was made is the one that answers. A
/// pooler tells a made-up one. `prepareThreshold` in the URL overrules this.
final class PlainSource implements DataSource {
    private static final int USES_BEFORE_NAMED = 3;

    private static final int LOGIN_SECONDS = 10;

    private final StoreUrl url;

    PlainSource(StoreUrl url) {
        this.url = url;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = DriverManager.getConnection(url.driverUrl(), url.properties());
        try {
            PGConnection driver = connection.unwrap(PGConnection.class);
            if (!url.saysWhenToPrepare() && driver.getBackendPID() == answering(connection)) {
                driver.setPrepareThreshold(USES_BEFORE_NAMED);
            }
            return connection;
        } catch (SQLException e) {
            try (connection) {
                throw e;
            }
        }
    }

    private static int answering(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("the store's URL says who logs in");
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        throw new SQLFeatureNotSupportedException("this source does not log");
    }

    @Override
    public void setLogWriter(PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {} // connectTimeout in the URL says it

    /// Also how long the pool waits, when it is closed, for a connection that is being made.
    @Override
    public int getLoginTimeout() {
        return LOGIN_SECONDS;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("this source does not log");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("this source wraps nothing");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
