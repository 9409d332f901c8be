import FlowMonitor
import QueueClient

/// Command lines of bullflow, fit to be pasted into a shell.
enum ShellLine {
  /// A verb on a job.
  static func job(_ verb: String, _ key: JobKey, options: [String] = []) -> String {
    line(verb, [key.queue.name, key.id], key.queue, options)
  }

  /// A verb on a queue.
  static func queue(_ verb: String, _ key: QueueKey) -> String { line(verb, [key.name], key, []) }

  private static func line(_ verb: String, _ words: [String], _ queue: QueueKey, _ options: [String]) -> String {
    let prefix = queue.prefix == QueueKey.defaultPrefix ? [] : ["--prefix=\(queue.prefix)"]
    // An id that begins with a dash would be taken for an option.
    let end = words.contains { $0.hasPrefix("-") } ? ["--"] : []
    return (["bullflow \(verb)"] + (prefix + options).map(quoted) + end + words.map(quoted)).joined(separator: " ")
  }

  /// A word as a shell reads it back.
  static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte & 0x80 == 0
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_.:/@%+=,".utf8.contains(byte)
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

extension JobAction {
  /// The command lines that do the same, one for each target.
  public var commandLines: [String] { targets.map(commandLine) }

  private func commandLine(_ target: Target) -> String {
    switch target {
    case .job(let key): ShellLine.job(command, key)
    case .queue(let key): ShellLine.queue(command, key)
    case .dependency(let child, let parent):
      ShellLine.job(command, child, options: ["--parent=\(parent.description)"])
    }
  }

  /// Its noun and verb on the command line, which stand in the record of changes, too.
  public var command: String {
    switch verb {
    case .retry, .promote, .moveToWait, .remove, .removeUnprocessed, .removeDependency: "job \(verb.rawValue)"
    case .retryFlow, .releaseFlow, .cancelFlow, .cloneFlow: "flow \(verb.flowVerb?.rawValue ?? verb.rawValue)"
    case .pause, .resume: "queue \(verb.rawValue)"
    }
  }
}
