import Redis

/// The questions of the script `inspectJobs` as commands of a pipeline, and its rows from the answers. Pure.
struct JobQuestions {
  private let keys: [JobKey]
  private let depth: JobInspector.Depth

  private static let texts: [JobField] = [
    .name, .failedReason, .parent, .opts, .data, .progress, .returnvalue, .deferredFailure,
  ]
  private static let fields: [JobField] = [
    .timestamp, .processedOn, .finishedOn, .attemptsMade, .formerAttemptsMade, .processedBy, .parentKey,
  ]
  private static let places: [QueueKey.Suffix] = [.completed, .failed, .delayed, .prioritized, .waitingChildren]
  private static let lists: [QueueKey.Suffix] = [.active, .wait, .paused]
  private static let end = String(JobInspector.listEnd)

  init(_ keys: [JobKey], depth: JobInspector.Depth) {
    self.keys = keys
    self.depth = depth
  }

  /// The commands, each with the key that it reads.
  private static func questions(_ key: JobKey) -> [(key: String, command: RedisCommand)] {
    let (job, queue) = (key.description, key.queue)
    func ask(_ name: String, _ key: String, _ rest: String...) -> (key: String, command: RedisCommand) {
      (key, RedisCommand(name, [key] + rest))
    }
    var questions = [ask("EXISTS", job)]
    questions += places.map { ask("ZSCORE", queue[$0], key.id) }
    for list in lists {
      // Both ends of whatever length: of a short list, that is all of it.
      questions.append(ask("LLEN", queue[list]))
      questions.append(ask("LPOS", queue[list], key.id, "MAXLEN", end))
      questions.append(ask("LPOS", queue[list], key.id, "RANK", "-1", "MAXLEN", end))
    }
    questions.append(ask("PTTL", key[.lock]))
    questions += texts.map { ask("HSTRLEN", job, $0.rawValue) }
    questions += [
      ask("HLEN", key[.processed]), ask("SCARD", key[.dependencies]), ask("HLEN", key[.failed]),
      ask("ZCARD", key[.unsuccessful]),
    ]
    questions.append((job, RedisCommand("HMGET", [job] + fields.map(\.rawValue))))
    return questions
  }

  private static let width = questions(JobKey(queue: QueueKey(name: ""), id: "")).count

  var commands: [RedisCommand] { keys.flatMap(Self.questions).map(\.command) }

  private func answers(_ all: [RESPValue], of index: Int) -> ArraySlice<RESPValue> {
    all[index * Self.width..<(index + 1) * Self.width]
  }

  /// Which texts of a job are short enough to be asked for.
  private func wantedTexts(_ all: [RESPValue], of index: Int) -> [JobField] {
    let sizes = answers(all, of: index).dropFirst(16).prefix(Self.texts.count).map { $0.int ?? 0 }
    return zip(Self.texts, sizes).filter { name, size in
      size > 0 && size <= (name == .failedReason ? 65536 : InspectedJob.textLimit)
    }.map(\.0)
  }

  /// The second step: the texts.
  func textCommands(_ all: [RESPValue]) -> [RedisCommand] {
    keys.indices.compactMap { index in
      let wanted = wantedTexts(all, of: index)
      return wanted.isEmpty ? nil : RedisCommand("HMGET", [keys[index].description] + wanted.map(\.rawValue))
    }
  }

  func jobs(_ all: [RESPValue], _ texts: [RESPValue]) -> [InspectedJob] {
    var texts = texts[...]
    return keys.indices.map { index in
      let wanted = wantedTexts(all, of: index)
      let values = wanted.isEmpty ? [] : texts.popFirst()?.array ?? []
      let found = Dictionary(zip(wanted, values)) { first, _ in first }
      return InspectedJob(key: keys[index], row: row(Array(answers(all, of: index)), texts: found))
    }
  }

  private func size(of name: JobField, _ answers: [RESPValue]) -> RESPValue {
    Self.texts.firstIndex(of: name).map { answers[16 + $0] } ?? .null
  }

  /// The row that the script would have answered.
  private func row(_ answers: [RESPValue], texts: [JobField: RESPValue]) -> RESPValue {
    let sightings = stride(from: 6, to: 15, by: 3).map { first -> RESPValue in
      let (length, head, tail) = (answers[first].int ?? 0, answers[first + 1].int, answers[first + 2].int)
      let isFound = head != nil || tail != nil
      return .integer(isFound ? 1 : length > JobInspector.listEnd * 2 ? -1 : 0)
    }
    func text(_ name: JobField) -> RESPValue { texts[name] ?? .null }
    let reason = texts[.failedReason]?.string.map { RESPValue.bulk(Array($0.utf8.prefix(500))) } ?? .null
    let head = Array(answers[0..<6]) + sightings + [answers[15], text(.name), reason]
    guard depth == .whole else { return .array(head) }
    let counts = Array(answers[16 + Self.texts.count..<20 + Self.texts.count])
    let fields = answers[20 + Self.texts.count].array ?? Self.fields.map { _ in .null }
    return .array(
      head + counts + fields + Self.texts.dropFirst(2).map(text) + [size(of: .returnvalue, answers)])
  }

  /// Notes the keys that could not be read.
  func note(_ all: [RESPValue], in refused: inout RefusedKeys) {
    for (question, answer) in zip(keys.flatMap(Self.questions), all) {
      if let line = answer.errorLine { refused.add(key: question.key, line: line) }
    }
  }
}
