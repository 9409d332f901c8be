/// The tables of this room as Lua, to be put before a script: `queue .. key.wait`, `field.attemptsMade`,
/// `event.completed`, `code.missingJob`.
enum LuaPrelude {
  /// The text: one line for each table.
  static let source = [
    table("key", QueueKey.Suffix.allCases.map { ("\($0)", quoted(":" + $0.rawValue)) }),
    table("beside", JobKey.Suffix.allCases.map { ("\($0)", quoted(":" + $0.rawValue)) }),
    table("field", JobField.allCases.map { ("\($0)", quoted($0.rawValue)) }),
    table("meta", MetaField.allCases.map { ("\($0)", quoted($0.rawValue)) }),
    table("option", ShortOption.allCases.map { ("\($0)", quoted($0.rawValue)) }),
    table("event", EventName.allCases.map { ("\($0)", quoted($0.rawValue)) }),
    table("code", ErrorCode.allCases.map { ("\($0)", String($0.rawValue)) }),
  ].joined()

  private static func table(_ name: String, _ members: [(name: String, value: String)]) -> String {
    "local \(name) = { " + members.map { "\($0.name) = \($0.value)" }.joined(separator: ", ") + " }\n"
  }

  private static func quoted(_ text: String) -> String { "'\(text)'" }
}
