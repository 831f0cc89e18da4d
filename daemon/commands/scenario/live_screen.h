#pragma once

#include <string>
#include <vector>

namespace halfclosed::scenarios {

/// Lines on a terminal that change while they are shown: each time only what is different is written anew. What has left
/// the top of the terminal stays as it was.
class Screen {
 public:
    /// `descriptor` must be a terminal.
    explicit Screen(int descriptor) : descriptor_(descriptor) {}

    /// Whether a terminal is behind the descriptor that can move its cursor and is wide enough for our lines.
    static bool fits(int descriptor);

    /// Shows these lines in place of those shown before. None may be wider than the terminal.
    void show(const std::vector<std::string>& lines);

 private:
    int descriptor_;
    std::vector<std::string> shown_;
};

}  // namespace halfclosed::scenarios
