import FlowMonitor
import QueueClient

/// What is to be done after an update.
public enum Effect: Sendable, Hashable {
  /// Tell the monitor what is looked at.
  case look(Window)
  /// Read what a view beside the flows shows, again and again; what was read before is given up. `nil` reads nothing.
  case watch(ViewQuestion?)
  /// Read the flow of a job for its timeline, again and again; what was read before is given up. `nil` reads nothing.
  case watchTimeline(JobKey?)
  /// Read what the detail shows of a job; a reading of another one is given up.
  case readDetail(JobKey)
  /// Give up the reading of a detail.
  case stopReadingDetail
  /// Read a part of a job that the detail shows; a part that was asked for before is given up.
  case readPart(JobKey, JobPart)
  /// Show a text in a program outside, and take the terminal back when that has ended.
  case open(OutsideFile, OutsideProgram)
  /// Say why the flow of a job is not done; what was asked before is given up.
  case explain(JobKey)
  /// Ask Redis what an action would change; what was asked before is given up.
  case preview(JobAction)
  /// Read which jobs are in a group, to preview an action on them.
  case gather(GroupAction)
  /// Give up asking that.
  case stopPreview
  /// Do what a preview shows.
  case change(ActionPreview)
  /// Stop doing it: what is done by then is done.
  case stopChange
  /// Find jobs in the whole Redis.
  case find(FindEffect)
  /// Ring the terminal's bell.
  case ringBell
  /// Run the command that calls somebody.
  case call(ProblemFacts)
  /// Show the Redis of another profile.
  case switchProfile(String)
  /// Add the letters we need to the server's `notify-keyspace-events`.
  case enableNotifications
  /// Put a text onto the terminal's clipboard.
  case copy(String)
  /// Use a theme, by its name.
  case useTheme(String)
  /// End.
  case quit
}

/// What a panel asks of the dashboard around it.
enum Request: Sendable, Hashable {
  /// Tell the person something.
  case say(String, isError: Bool = false)
  /// Open the detail on a page, or on the one that fits; close it where that page is open already.
  case showDetail(DetailTab?)
  /// Show the menu of what can be done: with one job, whose explanation may propose something, or with several.
  case showMenu(title: String, subject: JobKey?, [JobAction])
  /// Show the menu of what can be done with a group.
  case showGroupMenu(title: String, [ActionMenu.Item])
  /// Ask what an action would change of a group.
  case previewGroup(GroupAction)
  /// Do what was typed behind a colon.
  case command(String)
  /// Go to a job in its flow, once the way to it is found.
  case goToJob(JobKey)
  /// Show a job in its flow, by the way from the root to it.
  case showFlow([JobKey])
  /// Ask what an action would change, and whether to do it.
  case preview(JobAction)
  /// Show the jobs of a queue, in a state or in the one that fits.
  case showJobs(QueueKey, JobState?)
  /// Have something done.
  case perform(Effect)

  /// Whether it is about the row that is selected.
  var isAboutSelection: Bool {
    switch self {
    case .showDetail, .showMenu, .showGroupMenu, .preview, .previewGroup: true
    case .say, .command, .goToJob, .showFlow, .showJobs, .perform: false
    }
  }
}
