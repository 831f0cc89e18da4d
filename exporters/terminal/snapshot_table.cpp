#include "exporters/terminal/snapshot_table.h"

#include <algorithm>
#include <vector>

#include "exporters/snapshot/namespace_text.h"
#include "exporters/snapshot/other_end.h"
#include "exporters/terminal/group_table.h"
#include "exporters/terminal/socket_lines.h"
#include "exporters/terminal/socket_table.h"

namespace halfclosed::exporters {

namespace {

std::string sockets_text(const Snapshot& snapshot, const TableOptions& options) {
    std::vector<ListedSocket> sockets = listing(snapshot, options.order);
    const std::size_t all = sockets.size();
    sockets.resize(std::min(all, options.limit.value_or(all)));
    if (sockets.empty()) {
        return {};
    }
    std::string text;
    if (options.wide) {
        text = wide_socket_lines(snapshot, sockets).text({text::kNoWidth, options.style.color});
    } else if (sockets.size() > kFew && options.style.width < text::kNoWidth) {
        text = socket_lines(snapshot, sockets, options.style.width).text(options.style);
    } else {
        text = socket_table(snapshot, sockets, options.style);
    }
    if (all > sockets.size()) {
        text += "… and " + std::to_string(all - sockets.size()) + " more\n";
    }
    return text;
}

}  // namespace

std::string snapshot_table(const Snapshot& snapshot, const TableOptions& options) {
    std::string result;
    for (const std::string& part :
         {group_table(snapshot, options.by, options.style, options.limit.value_or(kMostGroups)),
          sockets_text(snapshot, options)}) {
        result += part.empty() ? "" : part + "\n";
    }
    for (const std::string& sentence :
         {summary_sentence(snapshot, options.view), waiting_sentence(snapshot),
          unwatched_sentence(snapshot), namespaces_sentence(snapshot),
          reconciliation_sentence(snapshot)}) {
        result += text::wrapped(sentence, 0, options.style.width);
    }
    return result;
}

}  // namespace halfclosed::exporters
