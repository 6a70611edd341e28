"""What the built-in services are for, in words by which `gumauth providers WORD` finds them beside name and kind."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "accounting invoices bookkeeping": "freshbooks quickbooks xero",
    "advertising ads": "facebook google linkedin tiktok",
    "ai models": "gumloop huggingface",
    "appointments scheduling booking": "calendly google microsoft square",
    "automation workflows": "gumloop zendesk servicenow",
    "blog cms website publishing": "contentful wordpress",
    "calendar": "calendly google microsoft nextcloud yahoo",
    "calls recordings": "gong zoom webex",
    "chat messages messaging": "discord mattermost slack webex microsoft intercom",
    "crm sales leads": "attio hubspot pipedrive salesforce",
    "database sql": "airtable databricks snowflake supabase",
    "design whiteboard drawing": "canva figma miro",
    "deploy hosting servers": "digitalocean heroku netlify railway vercel cloudflare",
    "dns domains": "cloudflare digitalocean netlify vercel",
    "docs wiki notes knowledge": "confluence confluence-datacenter notion google microsoft",
    "email newsletter": "google mailchimp microsoft yahoo",
    "errors monitoring alerts incidents oncall": "pagerduty sentry",
    "events tickets": "eventbrite",
    "files storage drive": "box dropbox google microsoft nextcloud",
    "fitness health sport": "fitbit strava",
    "forms surveys": "surveymonkey typeform google",
    "git repositories": "bitbucket forgejo gitea github github-enterprise gitlab",
    "helpdesk tickets support": "front gorgias intercom jira jira-datacenter servicenow zendesk",
    "issues bugs tracker": "bitbucket forgejo gitea github github-enterprise gitlab jira jira-datacenter linear",
    "jira": "atlassian",
    "confluence": "atlassian",
    "login sso oidc openid identity": "auth0 keycloak okta google microsoft",
    "meetings conference": "google microsoft webex zoom",
    "music podcasts": "spotify",
    "payments cards checkout": "paypal shopify square stripe",
    "photos pictures": "facebook google instagram",
    "crypto": "coinbase",
    "projects tasks todo kanban": (
        "asana atlassian basecamp clickup jira jira-datacenter linear monday notion todoist wrike"
    ),
    "shop commerce orders": "shopify square",
    "social posts": "facebook instagram linkedin reddit tiktok x",
    "spreadsheet sheets": "airtable google microsoft",
    "streaming video": "tiktok twitch youtube zoom",
    "gmail": "google",
    "office outlook teams onedrive azure": "microsoft",
    "twitter": "x",
}
"""Words with a blank between them → the services that each of them means, likewise."""


def words_of(name: str) -> str:
    """The words for a service; "" where there are none."""
    return " ".join(words for words, names in WORDS.items() if name in names.split())
