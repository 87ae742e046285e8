#include "core/mapping.hpp"

#include "core/managed_by.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

std::string in_lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::string_view name_of(ExpressionType type) {
    switch (type) {
        case ExpressionType::text:
            return "a text";
        case ExpressionType::number:
            return "a number";
        case ExpressionType::boolean:
            return "True or False";
        case ExpressionType::texts:
            break;
    }
    return "several texts";
}

std::string place_of(const std::string& attribute) {
    return "[mapping] " + attribute;
}

// Why an expression of this type never gives what the attribute takes; empty when it may.
std::string fault_of_type(ExpressionType type, const AttributeFacts& facts) {
    const std::string gives = "the expression gives " + std::string(name_of(type));
    if (type == ExpressionType::texts && facts.single_valued) {
        return gives + ", and the directory takes one value; choose one with Item, or use Join";
    }
    const bool is_text = type == ExpressionType::text || type == ExpressionType::texts;
    if (facts.syntax == AttributeSyntax::boolean && !is_text && type != ExpressionType::boolean) {
        return gives + ", and the directory takes True or False; compare it with something";
    }
    if (facts.syntax == AttributeSyntax::integer && !is_text && type != ExpressionType::number) {
        return gives + ", and the directory takes a whole number; use IIF to give one";
    }
    return {};
}

class Compiling {
 public:
    Compiling(const std::map<std::string, std::string>& mapping, const Schema& schema)
        : schema_(schema) {
        for (const auto& [name, text] : mapping) {
            const auto [first, is_new] = given_.emplace(in_lower_case(name), Given{name, text});
            if (!is_new) fault(name, "is " + first->second.name + " once more; take one out");
        }
    }

    void compile() {
        if (auto cn = take_name("cn", default_mapping::cn)) mapping_.cn = std::move(*cn);
        mapping_.sam_account_name = take_name("sAMAccountName", nullptr);
        mapping_.container = take_name("parentDistinguishedName", nullptr);
        take_manager();
        take_default("displayName", default_mapping::display_name);
        take_default("description", default_mapping::description);
        mapping_.mail = take_address("mail");
        mapping_.proxy_addresses = take_address("proxyAddresses");
        for (const auto& [key, given] : given_)
            take(given.name, given.text);
        const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
        std::sort(mapping_.attributes.begin(), mapping_.attributes.end(), by_name);
    }

    std::vector<MappingFault> faults;
    [[nodiscard]] Mapping&& mapping() && { return std::move(mapping_); }

 private:
    struct Given {
        std::string name;
        std::string text;
    };

    void fault(const std::string& attribute, const std::string& what) {
        faults.push_back({attribute, failure(FailureKind::invalid_configuration,
                                             place_of(attribute) + ": " + what)});
    }

    std::optional<Given> taken(const std::string& name) {
        const auto found = given_.find(in_lower_case(name));
        if (found == given_.end()) return std::nullopt;
        Given given = std::move(found->second);
        given_.erase(found);
        return given;
    }

    std::optional<Expression> parse(const std::string& name, const std::string& text) {
        auto parsed = Expression::parse(text, place_of(name));
        if (parsed) return std::move(*parsed);
        faults.push_back({name, parsed.error()});
        return std::nullopt;
    }

    // A name, which every group needs: its own expression, or the default.
    std::optional<Expression> take_name(const std::string& name, const char* otherwise) {
        const auto given = taken(name);
        if (!given) return otherwise ? parse(name, otherwise) : std::nullopt;
        if (given->text.empty()) {
            fault(given->name,
                  "is empty, but every group needs one; write an expression, or take the line out "
                  "for the default");
            return std::nullopt;
        }
        auto expression = parse(given->name, given->text);
        if (!expression) return std::nullopt;
        const ExpressionType type = expression->type();
        if (type == ExpressionType::text || type == ExpressionType::number) return expression;
        fault(given->name, "the expression gives " + std::string(name_of(type)) +
                               ", and a name is one text; " +
                               (type == ExpressionType::texts ? "choose one with Item, or use Join"
                                                              : "use IIF to give one"));
        return std::nullopt;
    }

    void take_manager() {
        const auto given = taken(std::string(managed_by_attribute));
        if (!given || given->text.empty()) return;
        std::string text = in_lower_case(given->text);
        std::erase(text, ' ');
        if (text != "[owners]" && text != "[owner]" && text != "[managedby]") {
            return fault(given->name,
                         "names an object, which no expression gives; write [owners] for the first "
                         "of the group's owners that the directory has, or \"\" for none");
        }
        mapping_.managed_by = facts_of(managed_by_attribute, schema_).has_value();
        if (!mapping_.managed_by) mapping_.left_out.push_back(given->name);
    }

    // Written by an expression of its own or by this one, whatever the schema says.
    void take_default(const std::string& name, const char* otherwise) {
        if (const auto given = taken(name)) return take(given->name, given->text);
        auto expression = parse(name, otherwise);
        if (!expression) return;
        mapping_.attributes.push_back({name, *facts_of(name, {}), std::move(*expression)});
    }

    // True when the default rule writes it.
    bool take_address(const std::string& name) {
        if (const auto given = taken(name)) {
            take(given->name, given->text);
            return false;
        }
        if (schema_.empty()) return false;
        const bool has = facts_of(name, schema_).has_value();
        if (!has) mapping_.left_out.push_back(name);
        return has;
    }

    void take(const std::string& name, const std::string& text) {
        const auto facts = facts_of(name, schema_);
        if (std::string why = forbidden(name, facts.value_or(AttributeFacts{})); !why.empty()) {
            return fault(name, "cannot be mapped, for it " + why + "; take the line out");
        }
        if (text.empty()) return;
        auto expression = parse(name, text);
        if (!expression) return;
        if (!facts && !schema_.empty()) {
            mapping_.left_out.push_back(name);
            return;
        }
        const AttributeFacts known = facts.value_or(AttributeFacts{AttributeSyntax::text, false});
        if (std::string why = fault_of_type(expression->type(), known); !why.empty()) {
            return fault(name, why);
        }
        mapping_.attributes.push_back({spelled(name), known, std::move(*expression)});
    }

    const Schema& schema_;
    std::map<std::string, Given> given_;  // by lower-case name; what is taken is gone
    Mapping mapping_;
};

}  // namespace

Expression default_cn() {
    return Expression::parse(default_mapping::cn, "[mapping] cn").value();
}

std::set<std::string> Mapping::reads() const {
    std::set<std::string> names = cn.attributes();
    const auto add = [&](const std::set<std::string>& more) {
        names.insert(more.begin(), more.end());
    };
    if (sam_account_name) add(sam_account_name->attributes());
    if (container) add(container->attributes());
    for (const MappedAttribute& attribute : attributes)
        add(attribute.expression.attributes());
    return names;
}

std::vector<MappingFault> mapping_faults(const std::map<std::string, std::string>& mapping,
                                         const Schema& schema) {
    Compiling compiling(mapping, schema);
    compiling.compile();
    return std::move(compiling.faults);
}

Result<Mapping> compile_mapping(const std::map<std::string, std::string>& mapping,
                                const Schema& schema) {
    Compiling compiling(mapping, schema);
    compiling.compile();
    if (!compiling.faults.empty()) return std::move(compiling.faults.front().failure);
    return std::move(compiling).mapping();
}

}  // namespace writeback
