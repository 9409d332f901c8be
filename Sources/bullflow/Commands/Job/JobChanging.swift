import ArgumentParser
import QueueClient

/// Verbs that change a job.
extension JobCommand {
  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs a failed (or completed) job again.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions

    func run() async throws {
      try await place.change("retry", change) { job in
        try await job.retry(try await job.getState() == .completed ? .completed : .failed)
      }
    }
  }

  struct MoveToWait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Puts a job that is in no list or set of its queue back; prints where it waits then.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Flag(help: "Say what would change, and change nothing.") var dryRun = false

    func run() async throws {
      if dryRun {
        try await place.with("move-to-wait") { job in print(try await job.moveToWait(isDry: true).rawValue) }
      } else {
        try await place.change("move-to-wait", change) { job in print(try await job.moveToWait().rawValue) }
      }
    }
  }

  struct Promote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lets a delayed job run now.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @OptionGroup var dry: DryRunOption

    func run() async throws {
      if dry.dryRun { return try await place.tell("promote", .promote) }
      try await place.change("promote", change) { job in
        try await job.promote()
      }
    }
  }

  struct UpdateData: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Replaces the job's data.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Argument(help: "The data, as JSON.") var json: String

    func run() async throws {
      let data = try JSON(parsing: InputText.withoutMark(json))
      try await place.change("update-data", change) { job in
        try await job.updateData(data)
      }
    }
  }

  struct Progress: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Sets the job's progress.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Argument(help: "A number, or an object, as JSON.") var json: String

    func run() async throws {
      let progress = try JSON(parsing: InputText.withoutMark(json))
      try await place.change("progress", change) { job in
        try await job.updateProgress(progress)
      }
    }
  }

  struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Adds a row to the job's log.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Argument(help: "The row.") var row: String

    func run() async throws {
      try await place.change("log", change) { job in
        try await job.log(row)
      }
    }
  }
}
