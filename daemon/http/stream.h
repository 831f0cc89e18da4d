#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace halfclosed::http {

/// The body of an answer that is not yet known: written piece by piece while the peer reads it. Thread-safe.
class Stream {
 public:
    /// `most_unread`: a peer that does not read while more bytes than that wait for it is gone for us. `on_gone` is
    /// called once where the peer has gone before end(), from any thread.
    Stream(std::size_t most_unread, std::function<void()> on_gone)
        : most_unread_(most_unread), on_gone_(std::move(on_gone)) {}

    void write(const std::string& text);
    /// Nothing comes any more.
    void end();

    // The server's side.

    /// Takes up to `room` bytes; 0: there are none yet, and `wait` has been called, so that `wake` of it is called once
    /// there are; nothing: the end.
    std::optional<std::size_t> read(char* to, std::size_t room, const std::function<void()>& wait,
                                    std::function<void()> wake);
    void gone();
    /// Nothing will be written any more; the reader may not have read it all.
    bool ended() const;

 private:
    /// Under mutex_.
    void wake();

    const std::size_t most_unread_;
    mutable std::mutex mutex_;
    std::function<void()> on_gone_;
    std::function<void()> wake_;  ///< while the reader waits for a piece
    std::string unread_;
    bool ended_ = false;
};

}  // namespace halfclosed::http
