/// A named connection of a server, as `CLIENT LIST` tells it.
public struct ClientConnection: Sendable, Hashable {
  /// What the client calls it (`CLIENT SETNAME`).
  public var name: String
  /// Where it comes from.
  public var address: String
  /// For how many seconds it has been connected.
  public var age: Int?
  /// For how many seconds it has asked nothing.
  public var idle: Int?
  /// The command that it asked last.
  public var command: String?

  /// A connection from its parts.
  public init(name: String, address: String, age: Int? = nil, idle: Int? = nil, command: String? = nil) {
    self.name = name
    self.address = address
    self.age = age
    self.idle = idle
    self.command = command
  }

  /// The connections that have a name.
  ///
  /// - Parameter list: the reply to `CLIENT LIST`: a line for each, of fields like `name=bull:steps`.
  public static func all(in list: String) -> [ClientConnection] {
    list.split(whereSeparator: \.isNewline).compactMap { line in
      var connection = ClientConnection(name: "", address: "")
      for field in line.split(separator: " ") {
        guard let equals = field.firstIndex(of: "=") else { continue }
        let value = field[field.index(after: equals)...]
        switch field[..<equals] {
        case "name": connection.name = String(value)
        case "addr": connection.address = String(value)
        case "age": connection.age = Int(clamping: value)
        case "cmd": connection.command = String(value)
        case "idle": connection.idle = Int(clamping: value)
        default: break
        }
      }
      return connection.name.isEmpty ? nil : connection
    }
  }
}
