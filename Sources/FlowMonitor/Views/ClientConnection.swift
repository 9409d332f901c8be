/// A named connection of `CLIENT LIST`.
struct ClientConnection: Sendable, Hashable {
  var name: String
  var address: String
  /// For how many seconds it has been connected.
  var age: Int?
  /// For how many seconds it has asked nothing.
  var idle: Int?

  /// The connections of a list that have a name.
  static func all(in list: String) -> [ClientConnection] {
    list.split(whereSeparator: \.isNewline).compactMap { line in
      var (name, address, age, idle) = ("", "", Int?.none, Int?.none)
      for field in line.split(separator: " ") {
        guard let equals = field.firstIndex(of: "=") else { continue }
        let value = field[field.index(after: equals)...]
        switch field[..<equals] {
        case "name": name = String(value)
        case "addr": address = String(value)
        case "age": age = Int(clamping: value)
        case "idle": idle = Int(clamping: value)
        default: break
        }
      }
      return name.isEmpty ? nil : ClientConnection(name: name, address: address, age: age, idle: idle)
    }
  }
}
