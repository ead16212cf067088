package dev.perdure.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import dev.perdure.error.InvalidInputException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;

final class SealedRecordsTest {
    private final Values values = new Values(Values.DEFAULT_MAX_BYTES);

    sealed interface Move {}

    record Step(int by) implements Move {}

    @Stored(name = "TurnTo", version = 2)
    record Turn(String to, Move then) implements Aside {}

    record Stop() implements Move {}

    sealed interface Aside extends Move {}

    record Plan(Move first, List<Move> rest, Step exact) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes(@JsonSubTypes.Type(value = Own.class, name = "own"))
    sealed interface Annotated {}

    record Own(int n) implements Annotated {}

    sealed interface Mixed {}

    enum Colour implements Mixed {
        RED
    }

    record Sized(int size) implements Mixed {}

    private String json(@Nullable Object value, Type type) {
        return new String(values.write(value, type, "it"), StandardCharsets.UTF_8);
    }

    private Object read(String json, Type type) {
        return values.read(json.getBytes(StandardCharsets.UTF_8), type, "it");
    }

    @Test
    void recordsBehindASealedInterfaceAreToldApartByTheirLogicalName() {
        Plan plan = new Plan(new Turn("left", new Stop()), List.of(new Step(2), new Stop()), new Step(3));
        String json =
                "{\"first\":{\"@type\":\"TurnTo\",\"to\":\"left\",\"then\":{\"@type\":\"Stop\"}},"
                        + "\"rest\":[{\"@type\":\"Step\",\"by\":2},{\"@type\":\"Stop\"}],\"exact\":{\"by\":3}}";

        assertThat(json(plan, Plan.class)).isEqualTo(json);
        assertThat(read(json, Plan.class)).isEqualTo(plan);
        assertThat(json(new Step(1), Move.class)).isEqualTo("{\"@type\":\"Step\",\"by\":1}");
        assertThat(read("{\"@type\":\"Step\",\"by\":1}", Move.class)).isEqualTo(new Step(1));
        assertThat(read("{\"by\":1,\"@type\":\"Step\"}", Move.class)).isEqualTo(new Step(1));
        assertThat(json(List.of(new Stop()), new TypeRef<List<Move>>() {}.type())).isEqualTo("[{\"@type\":\"Stop\"}]");
        assertThat(json(new Step(1), Step.class)).isEqualTo("{\"by\":1}");
        assertThat(json(null, Move.class)).isEqualTo("null");
    }

    @Test
    void whatIsNotOfTheSetIsRefused() {
        for (String json :
                List.of(
                        "{\"@type\":\"Jump\",\"by\":1}",
                        "{\"by\":1}",
                        "{\"@type\":\"Step\"}",
                        "{\"@type\":\"Step\",\"by\":1,\"more\":2}",
                        "{\"@type\":\"java.lang.String\"}",
                        "{\"@type\":\"Own\",\"n\":1}",
                        "{\"@type\":null}",
                        "{\"@type\":7}",
                        "\"Stop\"",
                        "[]")) {
            assertThatThrownBy(() -> read(json, Move.class))
                    .as(json)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("it does not fit Move");
        }
    }

    @Test
    void aFormGivenByAnnotationsIsLeftAlone() {
        assertThat(json(new Own(1), Annotated.class)).isEqualTo("{\"kind\":\"own\",\"n\":1}");
        assertThat(read("{\"kind\":\"own\",\"n\":1}", Annotated.class)).isEqualTo(new Own(1));
    }

    @Test
    void otherSealedInterfacesAreRefused() {
        assertThatThrownBy(() -> read("{}", Mixed.class)).isInstanceOf(InvalidInputException.class);
    }
}
