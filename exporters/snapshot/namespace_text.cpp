#include "exporters/snapshot/namespace_text.h"

#include "exporters/snapshot/other_end.h"
#include "exporters/snapshot/summary.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

std::string others(const Namespaces& spaces, std::size_t count, const char* are_not) {
    return (spaces.hidden.empty() ? "" : "At least ") + std::to_string(count) +
           (count == 1 ? " other network namespace is " : " other network namespaces are ") +
           are_not;
}

}  // namespace

std::string namespaces_sentence(const Snapshot& snapshot) {
    const Namespaces& spaces = snapshot.namespaces;
    if (!spaces.all) {
        const std::size_t count = spaces.not_watched.value_or(0);
        return count == 0 ? "" : others(spaces, count, "not watched (--namespaces all).");
    }
    if (spaces.unreadable == 0) {
        return spaces.hidden.empty()
                   ? ""
                   : "Other network namespaces may be hidden: " + text::printable(spaces.hidden) +
                         ".";
    }
    const std::string why =
        spaces.trouble.empty() ? "." : ": " + text::printable(spaces.trouble) + ".";
    return others(spaces, spaces.unreadable, "not seen") + why;
}

std::string beside_the_summary(const Snapshot& snapshot) {
    const std::uint64_t more = snapshot.without_detail.sockets;
    std::string text =
        more == 0 ? "" : std::to_string(more) + " more are counted without detail (--max-sockets).";
    for (const std::string& sentence : {unwatched_sentence(snapshot), namespaces_sentence(snapshot),
                                        waiting_sentence(snapshot)}) {
        text += (text.empty() || sentence.empty() ? "" : " ") + sentence;
    }
    return text;
}

std::string namespace_name(const SocketRecord& socket, const Snapshot& snapshot) {
    if (socket.netns == NamespaceId{}) {
        return {};
    }
    const auto known = snapshot.namespaces.watched.find(socket.netns);
    return known != snapshot.namespaces.watched.end() && known->second.name
               ? text::printable(*known->second.name)
               : std::to_string(static_cast<std::uint64_t>(socket.netns));
}

std::string in_namespace(const SocketRecord& socket, const Snapshot& snapshot) {
    const Namespaces& spaces = snapshot.namespaces;
    const auto known = spaces.watched.find(socket.netns);
    if (socket.netns == spaces.own || known == spaces.watched.end()) {
        return {};
    }
    const std::string name = namespace_name(socket, snapshot);
    if (owner_label(snapshot.owner(socket)).starts_with(name)) {
        return {};
    }
    return "in network namespace " + name;
}

}  // namespace halfclosed::exporters
