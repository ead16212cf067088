package dev.perdure.value;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Gives a type the name and version under which its values are journaled. Optional: without it the name is the class's
/// simple name and the version 1. Use it to rename or move a class without breaking runs that are under way.
///
/// ```java
/// @Stored(name = "Note", version = 2)
/// record ResearchNote(String text, String source) {}
/// ```
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Stored {
    /// The logical name; unique among the types of a program.
    String name();

    /// The version of the type's shape, from 1.
    int version() default 1;
}
