package dev.perdure.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.InvalidInputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

final class StoreAddressTest {
    private static String shown(String url) {
        return StoreAddress.of(Optional.of(url), Map.of()).toString();
    }

    @Test
    void prefersTheOptionThenTheEnvironmentThenThisFolder() {
        Map<String, String> environment = Map.of("PERDURE_STORE", "jdbc:sqlite:env.db");
        assertThat(StoreAddress.of(Optional.of("jdbc:sqlite:own.db"), environment)).hasToString("jdbc:sqlite:own.db");
        assertThat(StoreAddress.of(Optional.empty(), environment)).hasToString("jdbc:sqlite:env.db");
        assertThat(StoreAddress.of(Optional.empty(), Map.of())).hasToString("jdbc:sqlite:perdure.db");
    }

    @Test
    void showsNoSecrets() {
        assertThat(shown("jdbc:postgresql://h/d?user=ada&password=sesame&ssl=true"))
                .isEqualTo("jdbc:postgresql://h/d?user=ada&password=***&ssl=true");
        assertThat(shown("jdbc:postgresql://ada:sesame@h/d")).isEqualTo("jdbc:postgresql://ada:***@h/d");
        assertThat(shown("jdbc:sqlite:a.db?Password=sesame")).isEqualTo("jdbc:sqlite:a.db?Password=***");
    }

    @Test
    void takesThePasswordFromTheEnvironmentOrAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), "sesame&open\n");
        Optional<String> url = Optional.of("jdbc:postgresql://h/d?user=ada");

        assertThat(StoreAddress.of(url, Map.of("PERDURE_STORE_PASSWORD", "sesame")))
                .hasToString("jdbc:postgresql://h/d?user=ada")
                .returns("jdbc:postgresql://h/d?user=ada&password=sesame", StoreAddress::secretUrl);
        assertThat(StoreAddress.of(url, Map.of("PERDURE_STORE_PASSWORD_FILE", file.toString())))
                .hasToString("jdbc:postgresql://h/d?user=ada")
                .returns("jdbc:postgresql://h/d?user=ada&password=sesame%26open", StoreAddress::secretUrl);
        assertThat(StoreAddress.of(Optional.of("jdbc:sqlite:a.db"), Map.of("PERDURE_STORE_PASSWORD", "sesame")))
                .hasToString("jdbc:sqlite:a.db");
        assertThatThrownBy(() -> StoreAddress.of(url, Map.of("PERDURE_STORE_PASSWORD_FILE", "nowhere")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("nowhere cannot be read");
    }
}
