#include "service/next_start.h"

#include <utility>
#include <vector>

namespace halfclosed {

std::string for_the_next_start(const ServeOptions& in_force, const ServeOptions& wanted) {
    std::vector<std::string> flags;
    for (const auto& [flag, differs] :
         {std::pair{"--listen", in_force.listen != wanted.listen},
          {"--allowed-host", in_force.allowed_hosts != wanted.allowed_hosts},
          {"--state-dir", in_force.state_directory != wanted.state_directory},
          {"--control-socket", in_force.control_socket != wanted.control_socket},
          {"--exact", in_force.exact != wanted.exact},
          {"--exact-pin", in_force.exact_pin != wanted.exact_pin}}) {
        if (differs) {
            flags.emplace_back(flag);
        }
    }
    if (flags.empty()) {
        return {};
    }
    std::string text = flags.front();
    for (std::size_t i = 1; i < flags.size(); ++i) {
        text += (i + 1 < flags.size() ? ", " : " and ") + flags[i];
    }
    return text + (flags.size() == 1 ? " takes" : " take") + " effect at the next start";
}

}  // namespace halfclosed
