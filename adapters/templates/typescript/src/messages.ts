/** The messages of protocol 1; numbers are decimal strings. */

export interface Instrument {
  symbol: string;
  contract: "linear" | "inverse" | "quanto";
  settle: string;
  contract_size?: string;
  quantity_step?: string;
  fees?: { maker?: string; taker?: string };
  tiers: {
    maintenance_margin_rate: string;
    maintenance_amount?: string;
    max_leverage?: string;
  }[];
}

export interface Quote {
  t: "quote";
  seq: number;
  instrument: Instrument;
  position: {
    side: "long" | "short";
    quantity: string;
    entry_price: string;
    leverage: string;
    mark_price: string;
    margin_mode?: "isolated" | "cross";
    isolated_margin?: string;
    added_margin?: string;
  };
  want: string[];
}

/** The arguments of an action, by name; each action has some of them. */
export interface Arguments {
  instrument: string;
  margin_mode: string;
  leverage: string;
  side: "buy" | "sell";
  quantity: string;
  price: string;
  amount: string;
  liquidity?: "maker" | "taker";
  index_price?: string;
  last_price?: string;
  isolated_margin?: string;
  position_side?: string;
  reduce_only?: boolean;
}

export interface Run {
  t: "run";
  seq: number;
  instruments: Instrument[];
  balances: Record<string, string>;
  steps: { do: string; with: Arguments }[];
}

export type Message = { t: "hello" } | { t: "bye" } | Quote | Run;
