#pragma once

#include <algorithm>
#include <string>

#include "records/tcp_state.h"

namespace halfclosed::scenarios::packetdrill {

/// In RFC 9293's spelling: "FIN-WAIT-1", "CLOSE-WAIT".
inline std::string rfc_name(TcpState state) {
    switch (state) {
        case TcpState::fin_wait1:
            return "FIN-WAIT-1";
        case TcpState::fin_wait2:
            return "FIN-WAIT-2";
        case TcpState::syn_recv:
        case TcpState::new_syn_recv:
            return "SYN-RECEIVED";
        default:
            break;
    }
    std::string text = name(state);
    std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
        return letter == '_'                    ? '-'
               : letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A')
                                                : letter;
    });
    return text;
}

}  // namespace halfclosed::scenarios::packetdrill
