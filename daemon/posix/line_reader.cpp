#include "posix/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace halfclosed::posix {

LineReader::LineReader(Descriptor pipe) : pipe_(std::move(pipe)) {
    fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
}

bool LineReader::read(const std::function<void(const std::string&)>& line) {
    std::array<char, 4096> buffer;
    while (!ended_) {
        const auto got = ::read(pipe_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            break;
        }
        if (got <= 0) {
            ended_ = true;
            break;
        }
        rest_.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t from = 0;
        for (std::size_t end = rest_.find('\n'); end != std::string::npos;
             end = rest_.find('\n', from)) {
            line(rest_.substr(from, end - from));
            from = end + 1;
        }
        rest_.erase(0, from);
        ended_ = rest_.size() > kLongestLine;
    }
    if (ended_ && !rest_.empty()) {
        line(std::exchange(rest_, {}));
    }
    return !ended_;
}

}  // namespace halfclosed::posix
