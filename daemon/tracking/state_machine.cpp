#include "tracking/state_machine.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace halfclosed::tracking {

namespace {

using Path = std::vector<Edge>;

/// Every path from `from` to `to`. The closing half has no cycle, so there are few and they end.
void collect(TcpState from, TcpState to, Path& so_far, std::vector<Path>& paths) {
    if (from == to) {
        paths.push_back(so_far);
        return;
    }
    for (const Edge& edge : closing_edges()) {
        if (edge.from != from) {
            continue;
        }
        so_far.push_back(edge);
        collect(edge.to, to, so_far, paths);
        so_far.pop_back();
    }
}

Path find_certain_path(TcpState from, TcpState to) {
    std::vector<Path> paths;
    Path so_far;
    collect(from, to, so_far, paths);
    if (paths.empty()) {
        return {};
    }
    Path certain = paths.front();
    std::erase_if(certain, [&paths](const Edge& edge) {
        return !std::all_of(paths.begin(), paths.end(), [&edge](const Path& path) {
            return std::find(path.begin(), path.end(), edge) != path.end();
        });
    });
    return certain;
}

/// The kernel's numbers of states are 0 to 13.
constexpr std::size_t kStates = 14;
using Table = std::array<std::array<Path, kStates>, kStates>;

Table find_all() {
    Table table;
    for (std::size_t from = 0; from < kStates; ++from) {
        for (std::size_t to = 0; to < kStates; ++to) {
            table[from][to] =
                find_certain_path(static_cast<TcpState>(from), static_cast<TcpState>(to));
        }
    }
    return table;
}

}  // namespace

const std::vector<Edge>& closing_edges() {
    static const std::vector<Edge> edges{
        {TcpState::established, TcpState::fin_wait1}, {TcpState::established, TcpState::close_wait},
        {TcpState::fin_wait1, TcpState::fin_wait2},   {TcpState::fin_wait1, TcpState::closing},
        {TcpState::fin_wait1, TcpState::close},       {TcpState::fin_wait2, TcpState::time_wait},
        {TcpState::fin_wait2, TcpState::close},       {TcpState::closing, TcpState::time_wait},
        {TcpState::closing, TcpState::close},         {TcpState::time_wait, TcpState::close},
        {TcpState::close_wait, TcpState::last_ack},   {TcpState::close_wait, TcpState::close},
        {TcpState::last_ack, TcpState::close},
    };
    return edges;
}

const std::vector<Edge>& certain_path(TcpState from, TcpState to) {
    static const Table table = find_all();
    static const Path none;
    const auto row = static_cast<std::size_t>(from);
    const auto column = static_cast<std::size_t>(to);
    return row < kStates && column < kStates ? table[row][column] : none;
}

}  // namespace halfclosed::tracking
