import TestSupport
import Testing

/// One line on standard error, beginning as all errors do.
func expectLine(
  _ result: ChildProcess.Result, code: Int32, _ words: String..., at location: SourceLocation = #_sourceLocation
) {
  #expect(result.code == code, "\(result.errors)", sourceLocation: location)
  #expect(result.errors.hasPrefix("bullflow: "), "\(result.errors)", sourceLocation: location)
  #expect(result.errors.filter { $0 == "\n" }.count == 1, "\(result.errors)", sourceLocation: location)
  for word in words { #expect(result.errors.contains(word), "\(result.errors)", sourceLocation: location) }
}
