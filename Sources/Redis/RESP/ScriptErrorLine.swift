/// What Redis puts around an error that arose within a script: where in its text, and the script's SHA.
///
/// | Redis | line |
/// | --- | --- |
/// | 7 | `ERR user_script:7: READONLY You can't write … script: 05db…, on @user_script:7.` |
/// | 6 | `ERR Error running script (call to f_05db…): @user_script:7: @user_script: 7: -READONLY You can't write …` |
enum ScriptErrorLine {
  /// An error line as the command itself would have been answered with; one that is of no script stays as it is.
  static func plain(_ line: String) -> String {
    // Errors of other commands, most of all, cost no search.
    guard line.contains("script") else { return line }
    var words = line.replacing(#/ script: [0-9a-f]{40}, on @\w+:\d+\.$/#, with: "")
    words = words.replacing(#/^(ERR )?Error running script \(call to f_[0-9a-f]{40}\): /#, with: "")
    words = words.replacing(#/^(ERR )?(@?user_script: ?\d+: )+-?/#, with: "")
    // There is a word for missing rights everywhere but here: until Redis 7.0, and since.
    words = words.replacing(
      #/^(ERR |NOPERM )?(?=The user executing the script can't |ACL failure in script: )/#, with: "NOPERM ")
    let hasCode = words.prefixMatch(of: #/[A-Z]{2,}( |$)/#) != nil
    return hasCode ? words : "ERR " + words
  }
}
