#pragma once

#include <functional>
#include <memory>
#include <string>

namespace halfclosed::control {

/// The body of an answer that is not yet known: written piece by piece while the peer reads it. For the thread of the
/// loop alone.
class Stream {
 public:
    /// A peer that does not read while so much waits for it is gone for us.
    static constexpr std::size_t kMostUnread = 4 * 1024 * 1024;

    /// `on_gone`: called once, where the peer has gone before end().
    explicit Stream(std::function<void()> on_gone) : on_gone_(std::move(on_gone)) {}

    void write(const std::string& text);
    /// Nothing comes any more.
    void end();

 private:
    friend class ControlServer;

    void gone();
    void wake();

    std::function<void()> on_gone_;
    std::function<void()> wake_;  ///< of the server, while it waits for a piece
    std::string unread_;
    bool ended_ = false;
};

}  // namespace halfclosed::control
