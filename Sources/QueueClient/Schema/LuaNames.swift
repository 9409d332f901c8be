import Redis

/// The tables of this room for Lua: a script says `queue .. Key.wait`, `Field.attemptsMade`, `Event.completed`,
/// `Code.missingJob`, and the values are put in before it is sent. So a name is spelt in one place, and costs Redis
/// nothing.
enum LuaNames {
  /// The values, as Lua, by table and name.
  ///
  /// - `Key`: a queue's own keys, with the colon before them; `Named`: those that names stand behind, with that colon,
  ///   too; `Suffix`: the same without colons.
  /// - `Kinds`: what keys hold, as a list of `{key, kind}`.
  /// - `Refusals`: the first words of the errors that are about the server, as a set.
  /// - `Beside`: what lies beside a job's hash, with the colon.
  static let tables: [String: [String: String]] = [
    "Key": table(QueueKey.Suffix.self) { ":" + $0 },
    "Named": table(QueueKey.Suffix.self) { ":" + $0 + ":" }.merging(["metricsData": "':data'"]) { $1 },
    "Suffix": table(QueueKey.Suffix.self),
    "Group": table(ProGroupKey.self) { ":" + $0 },
    "Beside": table(JobKey.Suffix.self) { ":" + $0 },
    "Field": table(JobField.self),
    "Meta": table(MetaField.self),
    "Option": table(ShortOption.self),
    "Event": table(EventName.self),
    "EventField": table(EventField.self),
    "SchedulerField": table(SchedulerField.self),
    "MetricsField": table(MetricsField.self),
    "NextField": table(NextField.self),
    "State": table(JobState.self),
    "Text": table(StoredText.self),
    "Outcome": table(OutcomeName.self),
    "Trouble": table(Sweeper.Code.self),
    "Reason": table(FlowStep.Reason.self),
    "Kind": table(FamilyInspector.Kind.self),
    "Refusals": ["words": "{\(ServerRefusal.words.map { "\($0)=true" }.joined(separator: ","))}"],
    "Kinds": ["needed": QueueKey.Suffix.neededAtWork],
    "Code": Dictionary(uniqueKeysWithValues: ErrorCode.allCases.map { ("\($0)", "\($0.rawValue)") }),
  ]

  /// Puts the values into a script's source. What no table has stays as it is, and is found by a test.
  static func resolve(_ source: some Collection<UInt8>) -> String {
    let bytes = Array(source)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 4)
    var at = 0
    while at < bytes.count {
      guard isLetter(bytes[at]) else {
        result.append(bytes[at])
        at += 1
        continue
      }
      let table = word(in: bytes, from: at)
      let name =
        table.endIndex < bytes.count && bytes[table.endIndex] == UInt8(ascii: ".")
        ? word(in: bytes, from: table.endIndex + 1) : []
      if !name.isEmpty, !isMember(at, of: bytes), let value = tables[text(table)]?[text(name)] {
        result += value.utf8
        at = name.endIndex
      } else {
        result += table
        at = table.endIndex
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether a word belongs to what stands before it: `event.Key`.
  private static func isMember(_ at: Int, of bytes: [UInt8]) -> Bool { at > 0 && bytes[at - 1] == UInt8(ascii: ".") }

  private static func word(in bytes: [UInt8], from start: Int) -> ArraySlice<UInt8> {
    bytes[start...].prefix { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }

  private static func text(_ word: ArraySlice<UInt8>) -> String { String(decoding: word, as: UTF8.self) }

  private static func table<Name: RawRepresentable & CaseIterable>(
    _: Name.Type, _ edit: (String) -> String = { $0 }
  ) -> [String: String] where Name.RawValue == String {
    Dictionary(uniqueKeysWithValues: Name.allCases.map { ("\($0)", "'\(edit($0.rawValue))'") })
  }
}
