#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/server.h"
#include "http/unix_listener.h"
#include "loop/event_loop.h"

namespace halfclosed::control {

/// HTTP over a unix socket: `curl --unix-socket PATH http://localhost/…`. Requests are answered in the thread of the
/// loop. Who may ask is said by may_control(); others get 403.
class ControlServer {
 public:
    using Router = std::function<http::Answer(const http::Request&)>;

    /// Answers what needs nothing of the loop, and what must not get there: in the thread of the server, which it must not
    /// keep waiting.
    using AtOnce = std::function<std::optional<http::Answer>(const http::Request&)>;

    /// Throws std::runtime_error if the path cannot be listened on. The loop outlives the server; what it has been
    /// asked and not answered is forgotten at the end.
    ControlServer(EventLoop& loop, const std::string& path, Router router, AtOnce at_once = {});

    const std::string& path() const { return listener_.path(); }

 private:
    http::UnixListener listener_;
    std::shared_ptr<const Router> router_;
    AtOnce at_once_;
    http::Server server_;
};

}  // namespace halfclosed::control
