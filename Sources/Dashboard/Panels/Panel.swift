/// One part of the screen: it owns its state, its keys, what they do, and its drawing.
protocol Panel: Sendable {
  /// What its keys ask for.
  associatedtype Command: KeyCommand

  /// Its keys.
  static var keys: KeyTable<Command> { get }

  /// Does what a key asks for. Pure: what others are to do is returned, not done.
  mutating func perform(_ command: Command, in scene: Scene) -> [Request]

  /// Draws itself. Pure, and no more work than the area has cells.
  func draw(into frame: inout Frame, area: Area, scene: Scene)
}
