package dev.perdure.cli;

import dev.perdure.Workflow;
import dev.perdure.WorkflowProvider;
import dev.perdure.error.InvalidInputException;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/// The workflows that jars (or folders of classes) name through [ServiceLoader].
///
/// All jars share one class loader, whose parent is ours: Perdure, Jackson and SLF4J come from the command line,
/// whatever the jars bring along; everything else comes from them and the `Class-Path` of their manifests.
///
/// @param workflows what they name
/// @param loader where their classes come from; open as long as runs are executed
record LoadedJars(List<Workflow<?, ?>> workflows, URLClassLoader loader) implements AutoCloseable {
    private static final String SERVICE = "META-INF/services/" + WorkflowProvider.class.getName();

    /// @throws InvalidInputException if one is missing, is no jar or cannot be loaded, or if none names a workflow
    static LoadedJars open(List<Path> jars) {
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars) {
            urls.add(checked(jar));
        }
        URLClassLoader loader = new URLClassLoader("jars", urls.toArray(URL[]::new), LoadedJars.class.getClassLoader());
        String names = jars.stream().map(Path::toString).collect(Collectors.joining(", "));
        List<Workflow<?, ?>> workflows = load(loader, names);
        if (workflows.isEmpty()) {
            throw new InvalidInputException(
                    names
                            + " names no workflows. List a class that implements "
                            + WorkflowProvider.class.getName()
                            + " in "
                            + SERVICE
                            + " of the jar.");
        }
        // Libraries of the jars look for their own services and resources through it.
        Thread.currentThread().setContextClassLoader(loader);
        return new LoadedJars(List.copyOf(workflows), loader);
    }

    private static URL checked(Path jar) {
        if (!Files.exists(jar)) {
            throw new InvalidInputException(
                    "there is no jar at " + jar.toAbsolutePath() + ". Build it first, or correct --jar.");
        }
        if (Files.isRegularFile(jar)) {
            try (JarFile readable = new JarFile(jar.toFile())) {
                assert readable.size() >= 0;
            } catch (IOException e) {
                throw new InvalidInputException(jar + " cannot be read as a jar: " + e.getMessage() + ".", e);
            }
        }
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new InvalidInputException(jar + " cannot be named by a URL: " + e.getMessage() + ".", e);
        }
    }

    private static List<Workflow<?, ?>> load(ClassLoader loader, String names) {
        List<Workflow<?, ?>> workflows = new ArrayList<>();
        try {
            for (WorkflowProvider provider : ServiceLoader.load(WorkflowProvider.class, loader)) {
                if (loader.equals(provider.getClass().getClassLoader())) {
                    workflows.addAll(provider.workflows());
                }
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            throw new InvalidInputException(
                    "the workflows of "
                            + names
                            + " cannot be loaded: "
                            + why
                            + ". Build the jar for Java "
                            + Runtime.version().feature()
                            + " or older, with the libraries it needs inside or in the Class-Path of its manifest.",
                    e);
        }
        return workflows;
    }

    Workflow<?, ?>[] all() {
        return workflows.toArray(Workflow<?, ?>[]::new);
    }

    /// @throws InvalidInputException if no workflow has this name
    void require(String workflow) {
        if (workflows.stream().noneMatch(w -> w.name().equals(workflow))) {
            throw new InvalidInputException(
                    "no workflow is named \""
                            + workflow
                            + "\" in these jars; they have "
                            + workflows.stream()
                                    .map(Workflow::name)
                                    .distinct()
                                    .sorted()
                                    .collect(Collectors.joining(", "))
                            + ".");
        }
    }

    @Override
    public void close() {
        try {
            loader.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
