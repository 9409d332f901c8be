import Foundation
import Testing

@testable import Dashboard

/// The theme for colour-blind people, seen with their eyes: by the matrices of Viénot, Brettel and Mollon (1999).
@Suite struct ColourBlindTests {
  private typealias Triple = (Double, Double, Double)

  /// How red, green and blue are seen by people without cones for red, or for green.
  enum Eyes: String, CaseIterable {
    case withoutRed, withoutGreen

    var shares: (red: Double, blue: Double) { self == .withoutRed ? (0.11238, 0.00401) : (0.29275, -0.02234) }
  }

  private static func lab(_ color: Color, _ eyes: Eyes) -> Triple {
    let (r, g, b) = color.components ?? (0, 0, 0)
    func linear(_ part: Int) -> Double {
      let part = Double(part) / 255
      return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
    let (red, green, blue) = (linear(r), linear(g), linear(b))
    let (share, shift) = eyes.shares
    let mixed = share * red + (1 - share) * green
    let cool = max(0, blue + shift * (red - green))
    func cube(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116 }
    let x = cube((0.7700 * mixed + 0.1805 * cool) / 0.9505)
    let y = cube(0.9278 * mixed + 0.0722 * cool)
    let z = cube((0.1385 * mixed + 0.9505 * cool) / 1.089)
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))
  }

  private static func difference(_ one: Style.Role, _ two: Style.Role, _ eyes: Eyes) throws -> Double {
    let theme = try #require(Theme.builtIn.first { $0.name == "colour-blind" })
    let (a, b) = (lab(theme.look(of: Style(one)).foreground, eyes), lab(theme.look(of: Style(two)).foreground, eyes))
    return sqrt(pow(a.0 - b.0, 2) + pow(a.1 - b.1, 2) + pow(a.2 - b.2, 2))
  }

  @Test(arguments: Eyes.allCases)
  func `what has failed is far from what is done, and no two states look alike`(eyes: Eyes) throws {
    #expect(try Self.difference(.failed, .completed, eyes) > 60)
    #expect(try Self.difference(.error, .good, eyes) > 60)
    let states: [Style.Role] = [.failed, .completed, .active, .waitingChildren, .waiting, .delayed]
    for (index, one) in states.enumerated() {
      for two in states[(index + 1)...] {
        let difference = try Self.difference(one, two, eyes)
        #expect(difference > 12, "\(one) and \(two): \(difference)")
      }
    }
  }
}
