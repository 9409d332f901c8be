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
  /// Gives the terminal to a program that shows a text, and takes it back when that has ended.
  ///
  /// - Returns: why that could not be; `nil` where it could.
  func open(_ file: OutsideFile, by program: OutsideProgram) async -> String?
  /// Gives the terminal back as it was.
  func end() async
}

extension Screen {
  /// A screen that is no terminal has no program beside it.
  public func open(_ file: OutsideFile, by program: OutsideProgram) async -> String? {
    "there is no terminal to show it on"
  }
}
