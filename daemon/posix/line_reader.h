#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "posix/file.h"

namespace halfclosed::posix {

/// Splits what comes out of a pipe into lines.
class LineReader {
 public:
    /// A pipe that carries more than this without a newline is not one of ours.
    static constexpr std::size_t kLongestLine = 64 * 1024;

    /// Makes the descriptor non-blocking.
    explicit LineReader(Descriptor pipe);

    int descriptor() const { return pipe_.get(); }

    /// Hands over the lines that are there now, without their newlines. Returns false at the end of
    /// the pipe, or after a line that is too long; an unfinished last line is handed over then.
    bool read(const std::function<void(const std::string&)>& line);

 private:
    Descriptor pipe_;
    std::string rest_;
    bool ended_ = false;
};

}  // namespace halfclosed::posix
