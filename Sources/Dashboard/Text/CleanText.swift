import QueueClient

/// Text from Redis, made fit for a line of plain output.
public enum CleanText {
  /// The text without anything a terminal would act on; line breaks become marks.
  public static func line(_ text: String, isASCII: Bool = false) -> String {
    TextCleaner.glyphs(text, isASCII: isASCII).map(\.text).joined()
  }

  /// The sign of a state.
  public static func sign(of state: JobState, isASCII: Bool) -> String {
    line(Glyphs.state(state), isASCII: isASCII)
  }
}
