package dev.perdure.cli.demo;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import tools.jackson.databind.json.JsonMapper;

import java.util.Optional;

/// What a worker process is asked to do, as its one argument.
///
/// @param job which runs to execute
/// @param executions the file in which step bodies note that they began
/// @param marker the file that asks for the kill
/// @param killAfter after how many recorded steps to ask
record Work(Job job, String executions, String marker, Optional<Long> killAfter) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// Which runs to execute.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({@JsonSubTypes.Type(ReviewJob.class), @JsonSubTypes.Type(ChatsJob.class)})
    sealed interface Job {}

    /// One run that reviews the notices in a folder.
    record ReviewJob(String run, String docs, String out) implements Job {}

    /// One run for each conversation of a file.
    record ChatsJob(String session, String file) implements Job {}

    String toArgument() {
        return JSON.writeValueAsString(this);
    }

    static Work parse(String argument) {
        return JSON.readValue(argument, Work.class);
    }

    Work undisturbed() {
        return new Work(job, executions, marker, Optional.empty());
    }
}
