import FlowMonitor
import QueueClient

/// Something that happened.
public enum Message: Sendable {
  /// What is true now.
  case picture(Picture)
  /// Somebody did something.
  case input(InputEvent)
  /// Time has passed: seconds since 1970.
  case tick(Double)
  /// A job's detail was read; `nil` when the job is gone.
  case detail(JobKey, JobDetail?)
  /// A job's detail could not be read.
  case detailFailed(JobKey, String)
  /// A part of a job was read; `nil` where it is not there.
  case part(JobKey, JobPart, JobPart.Answer?)
  /// A part of a job could not be read.
  case partFailed(JobKey, JobPart, String)
  /// Why the flow of a job is not done; `nil` when the job is gone, or that cannot be told.
  case explanation(JobKey, Explanation?)
  /// What an action would change.
  case preview(ActionPreview)
  /// The jobs of a group, for an action on them.
  case members(GroupAction, [JobKey])
  /// They could not be read.
  case membersFailed(GroupAction, String)
  /// What an action would change could not be read.
  case previewFailed(JobAction, String)
  /// So many steps of an action have been taken.
  case progress(ActionPreview, Int)
  /// An action has come to its end, after so many milliseconds.
  case outcome(ActionPreview, ActionOutcome, milliseconds: Int)
  /// What came of a search of the whole Redis.
  case find(FindMessage)
  /// What was read for a view beside the flows.
  case view(ViewQuestion, ViewAnswer)
  /// Another Redis is shown from now on.
  case switched(Scene.Setup, theme: String)
  /// The flow of a job was read for its timeline.
  case timeline(JobKey, TimelineAnswer)
  /// Something to tell the person.
  case notice(String, isError: Bool)
}
