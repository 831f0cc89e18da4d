#include "observer/exact_sockets.h"

#include <utility>

namespace halfclosed {

void ExactSockets::read(const exact::Source& source) {
    spaces_.clear();
    source.for_each_socket([this](const ExactSocket& socket) {
        Space& space = spaces_[socket.space];
        space.annotations->add(socket);
        if (socket.state != TcpState::close && ++space.half_closed <= kMostKnown) {
            space.known.push_back({socket.identity, socket.minisock});
        }
    });
    for (auto& [id, space] : spaces_) {
        space.annotations->sort();
    }
}

std::span<const ExactSockets::Known> ExactSockets::known(NamespaceId space) const {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? std::span<const Known>() : found->second.known;
}

std::size_t ExactSockets::half_closed(NamespaceId space) const {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? 0 : found->second.half_closed;
}

std::optional<tracking::Annotations> ExactSockets::take_annotations(NamespaceId space) {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? tracking::Annotations()
                                  : std::exchange(found->second.annotations, std::nullopt);
}

}  // namespace halfclosed
