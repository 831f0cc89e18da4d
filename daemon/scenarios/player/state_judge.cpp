#include "scenarios/player/state_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "records/rfc_name.h"

namespace halfclosed::scenarios {

namespace {

using namespace std::chrono_literals;
using tracking::Edge;

/// A call that is under way may have to return first, on a busy machine.
constexpr auto kPatience = 2s;

std::string text(const Edge& edge) {
    return rfc_name(edge.from) + " to " + rfc_name(edge.to);
}

bool has(const std::vector<Edge>& edges, const Edge& edge) {
    return std::find(edges.begin(), edges.end(), edge) != edges.end();
}

void append(std::vector<Edge>& edges, std::vector<Edge> more) {
    edges.insert(edges.end(), more.begin(), more.end());
}

}  // namespace

std::optional<std::string> StateJudge::judge(std::uint16_t local_port, std::uint16_t remote_port,
                                             const std::function<void()>& meanwhile) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (true) {
        seen_ = reader_.read(local_port, remote_port);
        append(told_edges_, reader_.take_edges());
        append(implied_edges_, model_.take_edges());
        const auto implied = model_.implied();
        if (!implied) {
            return std::nullopt;
        }
        const bool agreed = packetdrill::agrees(*implied, seen_);
        std::optional<std::string> wrong =
            agreed ? compare_edges()
                   : fmt::format("by the script the connection is in {}, and we read {}",
                                 to_string(*implied), to_string(seen_));
        if (!wrong) {
            implied_edges_.clear();
            told_edges_.clear();
            return std::nullopt;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            return wrong;
        }
        meanwhile();
    }
}

/// The tracker tells what is proven, and so not each edge of several in a row; one alone it must tell, but for an end,
/// of which a socket that is gone leaves no proof.
std::optional<std::string> StateJudge::compare_edges() {
    for (const Edge& edge : told_edges_) {
        if (!has(implied_edges_, edge)) {
            return fmt::format("we tell {}, which the script does not have", text(edge));
        }
    }
    std::vector<Edge> closing;
    std::copy_if(implied_edges_.begin(), implied_edges_.end(), std::back_inserter(closing),
                 [](const Edge& edge) {
                     const std::vector<Edge>& all = tracking::closing_edges();
                     return std::find(all.begin(), all.end(), edge) != all.end();
                 });
    if (closing.size() == 1 && closing.front().to != TcpState::close &&
        !has(told_edges_, closing.front())) {
        return fmt::format(
            "by the script the connection went from {}, and we tell no such transition",
            text(closing.front()));
    }
    return std::nullopt;
}

}  // namespace halfclosed::scenarios
