package dev.perdure.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;
import dev.perdure.store.RunStore;
import dev.perdure.testing.PostgresServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Base64;

/// TLS by the URL, with a server whose certificate vouches for itself.
class TlsTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final String PASSWORD = "not-secret";

    @TempDir static Path folder;

    private static Path trusted;
    private static Path other;

    @BeforeAll
    static void giveTheServerACertificate() throws Exception {
        trusted = certificate("server");
        other = certificate("other");
        SERVER.execute(
                "ALTER SYSTEM SET ssl_cert_file = '" + trusted + "'",
                "ALTER SYSTEM SET ssl_key_file = '" + folder.resolve("server.key") + "'",
                "ALTER SYSTEM SET ssl = on");
        reload("on");
    }

    @AfterAll
    static void takeItAway() throws Exception {
        SERVER.execute("ALTER SYSTEM RESET ssl", "ALTER SYSTEM RESET ssl_cert_file", "ALTER SYSTEM RESET ssl_key_file");
        reload("off");
    }

    // The server reads its settings again when it comes to it; sessions begun after that have them.
    private static void reload(String expected) throws Exception {
        SERVER.execute("SELECT pg_reload_conf()");
        while (!SERVER.show("ssl").equals(expected)) {
            Thread.sleep(10);
        }
    }

    /// A certificate for localhost, its key beside it.
    private static Path certificate(String name) throws Exception {
        Path keys = folder.resolve(name + ".p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-alias",
                                "k",
                                "-validity",
                                "2",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost",
                                "-ext",
                                "bc=ca:true",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                keys.toString(),
                                "-storepass",
                                PASSWORD)
                        .inheritIO()
                        .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        Key key = store.getKey("k", PASSWORD.toCharArray());
        Path secret = Files.writeString(folder.resolve(name + ".key"), pem("PRIVATE KEY", key.getEncoded()));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Certificate certificate = store.getCertificate("k");
        return Files.writeString(folder.resolve(name + ".crt"), pem("CERTIFICATE", certificate.getEncoded()));
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes), what);
    }

    private static String url(Path root) {
        return SERVER.newStoreUrl() + "&ApplicationName=over-tls&sslmode=verify-full&sslrootcert=" + root;
    }

    @Test
    void aStoreIsReachedByTlsIfTheUrlSaysSo() throws Exception {
        try (RunStore store = new PostgresStoreProvider().open(url(trusted));
                Connection look = SERVER.connect();
                Statement statement = look.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT bool_and(s.ssl), count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid ="
                                        + " s.pid WHERE a.application_name = 'over-tls'")) {
            assertThat(store.workers()).isEmpty();
            assertThat(row.next()).isTrue();
            assertThat(row.getBoolean(1)).isTrue();
            assertThat(row.getInt(2)).isPositive();
        }
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefused() {
        refused(url(other), "is not one that sslrootcert vouches for");
        refused(url(trusted).replace("//localhost:", "//127.0.0.1:"), "or not for this host");
    }

    private static void refused(String url, String why) {
        assertThatThrownBy(() -> new PostgresStoreProvider().open(url))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("TLS was asked for")
                .hasMessageContaining(why)
                .hasMessageContaining("Correct sslmode and sslrootcert");
    }

    @Test
    void aServerWithoutTlsSaysSo() throws Exception {
        SERVER.execute("ALTER SYSTEM SET ssl = off");
        reload("off");
        try {
            refused(url(trusted), "the server has none");
        } finally {
            SERVER.execute("ALTER SYSTEM SET ssl = on");
            reload("on");
        }
    }
}
