package dev.perdure.store.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perdure.error.PerdureException;
import dev.perdure.journal.Digest;
import dev.perdure.store.ArtifactRecord;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Large contents outside the journal.
abstract class ArtifactTests extends StoreTests {
    private static final int SEVERAL_MIB = 5 * 1024 * 1024 + 13;

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private Digest digestOfOpened(ArtifactRecord artifact) throws IOException {
        try (InputStream in = store.openArtifact(artifact.digest()).orElseThrow()) {
            return Digest.over(in.readAllBytes());
        }
    }

    @Test
    void keepsAnEmptyContent() throws IOException {
        ArtifactRecord saved = store.saveArtifact(InputStream.nullInputStream());

        assertThat(saved).isEqualTo(new ArtifactRecord(Digest.over(), 0));
        assertThat(digestOfOpened(saved)).isEqualTo(Digest.over());
    }

    @Test
    void keepsASmallContent() throws IOException {
        ArtifactRecord saved = store.saveArtifact(bytes("hello"));

        assertThat(saved).isEqualTo(new ArtifactRecord(Digest.over("hello".getBytes(StandardCharsets.UTF_8)), 5));
        try (InputStream in = store.openArtifact(saved.digest()).orElseThrow()) {
            assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("hello");
        }
    }

    @Test
    void keepsAContentOfManyPieces() throws IOException {
        GeneratedStream source = new GeneratedStream(7, SEVERAL_MIB);
        ArtifactRecord saved = store.saveArtifact(source);

        assertThat(saved.size()).isEqualTo(SEVERAL_MIB);
        assertThat(saved.digest()).isEqualTo(new GeneratedStream(7, SEVERAL_MIB).digest());
        assertThat(digestOfOpened(saved)).isEqualTo(saved.digest());
    }

    @Test
    void readsAContentAlsoByteByByteAndInPart() throws IOException {
        ArtifactRecord saved = store.saveArtifact(new GeneratedStream(3, 300_000));
        try (InputStream in = store.openArtifact(saved.digest()).orElseThrow();
                InputStream expected = new GeneratedStream(3, 300_000)) {
            assertThat(in.read()).isEqualTo(expected.read());
            assertThat(in.readNBytes(200_000)).isEqualTo(expected.readNBytes(200_000));
        } // closed before its end
        assertThat(digestOfOpened(saved)).isEqualTo(saved.digest());
    }

    @Test
    void storesEqualContentsOnce() {
        ArtifactRecord first = store.saveArtifact(new GeneratedStream(7, SEVERAL_MIB));
        long one = store.size().storedBytes();
        ArtifactRecord second = store.saveArtifact(new GeneratedStream(7, SEVERAL_MIB));

        assertThat(second).isEqualTo(first);
        assertThat(store.size().storedBytes()).isLessThan(one + SEVERAL_MIB / 2);
    }

    @Test
    void findsNoContentThatWasNeverSaved() {
        assertThat(store.openArtifact(Digest.over(new byte[] {1}))).isEmpty();
    }

    @Test
    void keepsNothingOfAStreamThatFails() {
        long before = store.size().storedBytes();
        GeneratedStream failing = new GeneratedStream(7, SEVERAL_MIB).failingAt(4 * 1024 * 1024);

        assertThatThrownBy(() -> store.saveArtifact(failing))
                .isInstanceOf(PerdureException.class)
                .hasRootCauseInstanceOf(IOException.class);
        assertThat(store.openArtifact(new GeneratedStream(7, 4 * 1024 * 1024).digest())).isEmpty();
        assertThat(store.size().storedBytes()).isLessThan(before + 1024 * 1024);
        assertThat(findings()).isEmpty();
    }

    @Test
    void keepsAContentAfterAnEqualStreamFailed() throws IOException {
        ArtifactRecord saved = store.saveArtifact(new GeneratedStream(7, 100_000));
        assertThatThrownBy(() -> store.saveArtifact(new GeneratedStream(7, 200_000).failingAt(100_000)))
                .isInstanceOf(PerdureException.class);

        assertThat(digestOfOpened(saved)).isEqualTo(saved.digest());
    }
}
