import Foundation
import Logging

/// Runs a program to its end and returns what it printed.
///
/// - Throws: `MeasuringError` when it cannot be started or fails.
func output(of program: String, _ arguments: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw MeasuringError(description: "\(program) failed with code \(process.terminationStatus)")
  }
  return text
}

/// Why something could not be measured.
struct MeasuringError: Error, CustomStringConvertible {
  let description: String
}

extension [Double] {
  /// The middle value.
  var median: Double {
    let sorted = sorted()
    return isEmpty ? .nan : sorted[count / 2]
  }
}

extension Double {
  /// With thousands apart: `1 068 376`.
  var grouped: String {
    guard isFinite else { return "-" }
    var digits = String(Int(rounded()))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: " ")
  }

  /// As a percentage.
  var percent: String { isFinite ? "\(Int((self * 100).rounded())) %" : "-" }

  /// With two digits behind the point.
  var ratio: String { String(format: "%.2f", self) }
}

/// Prints cells in columns; a negative width sets a cell to the left.
func printRow(_ cells: [String], widths: [Int]) {
  let padded = zip(cells, widths).map { cell, width in
    let space = String(repeating: " ", count: max(0, abs(width) - cell.count))
    return width < 0 ? cell + space : space + cell
  }
  print(padded.joined())
}

extension Logger {
  /// Says nothing: what a worker has to say would be measured, too.
  static let silent = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
}
