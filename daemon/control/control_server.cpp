#include "control/control_server.h"

#include <utility>

#include "control/access.h"

namespace halfclosed::control {

namespace {

http::ConnectionPolicy::Limits limits() {
    http::ConnectionPolicy::Limits limits;
    limits.connections = 32;
    limits.margin = 16;
    return limits;
}

}  // namespace

ControlServer::ControlServer(EventLoop& loop, const std::string& path, Router router,
                             AtOnce at_once)
    : listener_(path),
      router_(std::make_shared<const Router>(std::move(router))),
      at_once_(std::move(at_once)),
      server_({{listener_.descriptor()},
               limits(),
               [this, &loop](const http::Request& request, const http::Reply& reply) {
                   if (!request.peer.process ||
                       !may_control(*request.peer.process, listener_.owner())) {
                       reply.send(http::text_answer(403, http::kPlainText,
                                                    "only root, the daemon's user and the group of "
                                                    "its socket have access\n"));
                       return;
                   }
                   if (at_once_) {
                       if (auto answer = at_once_(request)) {
                           reply.send(*std::move(answer));
                           return;
                       }
                   }
                   loop.post([router = std::weak_ptr(router_), request, reply] {
                       if (const auto alive = router.lock()) {
                           reply.send((*alive)(request));
                       }
                   });
               },
               {}}) {
}

}  // namespace halfclosed::control
