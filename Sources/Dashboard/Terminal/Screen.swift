/// Something that shows frames and tells what is done at it: a terminal, or a stand-in for one.
public protocol Screen: Sendable {
  /// What is done, for one reader.
  var input: AsyncStream<InputEvent> { get }
  /// Shows a picture; one that has not been shown when the next comes may never be.
  func show(_ frame: Frame)
  /// Changes the colours.
  func use(_ theme: Theme)
  /// Puts a text onto the user's clipboard.
  func copy(_ text: String)
  /// Rings the bell.
  func ringBell()
  /// Gives the terminal back as it was.
  func end() async
}
