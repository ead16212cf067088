package dev.perdure.tests.crash;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Loads all of Perdure and its tests anew, with one call in one method replaced: a bug planted into the real code.
///
/// Production code has no switch for it. Whoever changes the method so that the call is not there any more is told.
final class MutantLoader extends ClassLoader {
    /// The call to replace.
    ///
    /// @param type the class, by its binary name
    /// @param method the method of it in which the call stands
    /// @param called the called method, as `java/util/Map.remove`
    /// @param instead puts other instructions into its place
    record Mutation(String type, String method, String called, Consumer<CodeBuilder> instead) {}

    private static final String OURS = "dev.perdure.";

    private final Mutation mutation;

    MutantLoader(ClassLoader parent, Mutation mutation) {
        super(parent);
        this.mutation = mutation;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known != null ? known : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] code = in.readAllBytes();
            byte[] mutated = name.equals(mutation.type()) ? mutate(code) : code;
            return defineClass(name, mutated, 0, mutated.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] mutate(byte[] code) {
        AtomicInteger replaced = new AtomicInteger();
        CodeTransform calls =
                (builder, element) -> {
                    if (element instanceof InvokeInstruction call && isMeant(call)) {
                        replaced.incrementAndGet();
                        mutation.instead().accept(builder);
                    } else {
                        builder.with(element);
                    }
                };
        ClassModel model = ClassFile.of().parse(code);
        byte[] mutated =
                ClassFile.of()
                        .transformClass(
                                model,
                                ClassTransform.transformingMethodBodies(
                                        method -> method.methodName().equalsString(mutation.method()), calls));
        if (replaced.get() != 1) {
            throw new IllegalStateException(
                    "%s.%s calls %s %d times, not once: plant the bug where the rule is now"
                            .formatted(mutation.type(), mutation.method(), mutation.called(), replaced.get()));
        }
        return mutated;
    }

    private boolean isMeant(InvokeInstruction call) {
        return (call.owner().asInternalName() + "." + call.name().stringValue()).equals(mutation.called());
    }
}
