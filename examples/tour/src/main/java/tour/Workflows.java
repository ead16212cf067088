package tour;

import dev.perdure.Workflow;
import dev.perdure.WorkflowProvider;

import java.util.List;

/// Names the workflows of this jar, so that `./perdure worker --jar` finds them.
public final class Workflows implements WorkflowProvider {
    @Override
    public List<Workflow<?, ?>> workflows() {
        return List.of(Tour.WORKFLOW);
    }
}
