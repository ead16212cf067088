package dev.perdure;

import java.util.List;

/// Names the workflows of a jar, so that `perdure worker --jar MY.jar` finds them through [java.util.ServiceLoader].
///
/// ```java
/// public final class Workflows implements WorkflowProvider {
///     @Override
///     public List<Workflow<?, ?>> workflows() {
///         return List.of(Workflow.named("brief").takes(Brief.class).returns(Report.class).runs(Briefs::write));
///     }
/// }
/// ```
///
/// The jar lists the class in `META-INF/services/dev.perdure.WorkflowProvider`.
public interface WorkflowProvider {
    /// The workflows, in every version that unfinished runs may need. Asked once, when the jar is loaded.
    List<Workflow<?, ?>> workflows();
}
